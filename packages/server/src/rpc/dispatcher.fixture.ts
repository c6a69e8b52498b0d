/** A dispatcher over a given engine, and the log that it wrote. */
import type { Engine, Logger } from '@coppice/engine';
import { allMethods } from './all-methods.ts';
import { LOCAL_OWNER } from './caller.ts';
import type { Caller } from './caller.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Dispatcher, MessageLimits } from './dispatcher.ts';

export interface LogLine {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface Bench {
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
  readonly log: LogLine[];
  readonly stop: AbortController;
  /** Sends text, answers parsed JSON; undefined: no answer. */
  readonly send: (text: string, caller?: Caller) => Promise<unknown>;
  /** Calls one method, answers the whole response. */
  readonly call: (method: string, params?: unknown, caller?: Caller) => Promise<unknown>;
}

export const TEST_LIMITS: MessageLimits = { batchSize: 5, jsonDepth: 20, requestsInFlight: 10 };

export function bench(engine: Engine, limits: MessageLimits = TEST_LIMITS): Bench {
  const log: LogLine[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void log.push({ fields, message });
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const stop = new AbortController();
  const info = { version: '0.0.0', startedAtMs: 0, dataDir: null, store: 'memory', limits: {} };
  const methods = allMethods({ engine, info, nowMs: () => 1000, stopping: stop.signal });
  const dispatcher = createDispatcher({ methods, limits, logger, stopping: stop.signal });
  async function send(text: string, caller: Caller = { principal: LOCAL_OWNER }): Promise<unknown> {
    const reply = await dispatcher.receive(text, caller);
    reply.sent();
    return reply.text === undefined ? undefined : JSON.parse(reply.text);
  }
  return {
    dispatcher,
    logger,
    log,
    stop,
    send,
    call: (method, params, caller) => send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), caller),
  };
}
