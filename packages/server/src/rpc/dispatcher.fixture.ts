/** A dispatcher over a given engine, and the log that it wrote. */
import { createWaitLinks, type WaitLinks } from '../links/wait-links.ts';
import type { Engine, Logger } from '@coppice/engine';
import { isMethodName, methods as specs } from '@coppice/protocol';
import type { MethodName, MethodSpec, Params, Result, RpcError } from '@coppice/protocol';
import { Archives } from '../archive/archives.ts';
import { Retention } from '../archive/retention.ts';
import { createTaskAccess, type TaskAccess } from '../access/task-access.ts';
import { allMethods } from './all-methods.ts';
import { LOCAL_OWNER } from './caller.ts';
import type { Caller } from './caller.ts';
import { submissionChecks } from './definition-methods.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Dispatcher, MessageLimits } from './dispatcher.ts';

export interface LogLine {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface Bench {
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
  readonly links: WaitLinks;
  readonly nowMs: () => number;
  readonly log: LogLine[];
  readonly stop: AbortController;
  /** Sends text, answers parsed JSON; undefined: no answer. */
  readonly send: (text: string, caller?: Caller) => Promise<unknown>;
  /** Calls one method, answers the whole response. */
  readonly call: (method: string, params?: unknown, caller?: Caller) => Promise<unknown>;
  /** Calls one method that must succeed; the result is checked against its schema. */
  readonly result: <Name extends MethodName>(
    name: Name,
    params: Params<Name>,
    caller?: Caller,
  ) => Promise<Result<Name>>;
  /** Calls one method that must be refused. */
  readonly refusal: <Name extends MethodName>(name: Name, params: Params<Name>, caller?: Caller) => Promise<RpcError>;
}

export const TEST_LIMITS: MessageLimits = {
  batchSize: 5,
  batchAnswerLength: 100_000,
  jsonDepth: 20,
  objectKeys: 1000,
  listItems: 10_000_000,
  requestsInFlight: 10,
};

/** What a test decides itself. */
export interface BenchOptions {
  readonly nowMs?: () => number;
  readonly access?: TaskAccess;
}

export function bench(engine: Engine, limits: MessageLimits = TEST_LIMITS, options: BenchOptions = {}): Bench {
  const log: LogLine[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void log.push({ fields, message });
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const stop = new AbortController();
  const info = { version: '0.0.0', startedAtMs: 0, dataDir: null, store: 'memory', limits: {} };
  const { nowMs = () => 1000 } = options;
  const access = options.access ?? createTaskAccess({ registry: engine.registry, roles: { user: {} }, env: [] });
  const links = createWaitLinks({ loadKey: () => Promise.resolve('key of the tests'), nowMs });
  const archives = new Archives({ engine, folder: undefined, nowMs });
  const retention = new Retention({ engine, archives, rules: [], everyMs: 1, nowMs, logger });
  const services = { engine, info, access, links, archives, retention, nowMs, stopping: stop.signal };
  const methods = allMethods(services);
  const checks = submissionChecks(services);
  const dispatcher = createDispatcher({ methods, checks, limits, logger, stopping: stop.signal });
  async function send(text: string, caller: Caller = { principal: LOCAL_OWNER }): Promise<unknown> {
    const reply = await dispatcher.receive(text, caller);
    reply.sent();
    return reply.text === undefined ? undefined : JSON.parse(reply.text);
  }
  const call: Bench['call'] = (method, params, caller) =>
    send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), caller);
  return {
    dispatcher,
    logger,
    links,
    nowMs,
    log,
    stop,
    send,
    call,
    result: async (name, params, caller) => {
      const answer = (await call(name, params, caller)) as { readonly result?: unknown; readonly error?: RpcError };
      if (answer.error !== undefined) throw new Error(`${name} was refused: ${JSON.stringify(answer.error)}`);
      return checkedResult(name, answer.result) as Result<typeof name>;
    },
    refusal: async (name, params, caller) => {
      const answer = (await call(name, params, caller)) as { readonly error?: RpcError };
      if (answer.error === undefined) throw new Error(`${name} was not refused: ${JSON.stringify(answer)}`);
      return answer.error;
    },
  };
}

/** Throws when a result is not what the protocol promises. */
export function checkedResult(name: string, result: unknown): unknown {
  if (!isMethodName(name)) throw new Error(`${name} is no method`);
  const spec: MethodSpec = specs[name];
  const parsed = spec.result.safeParse(result);
  if (parsed.error !== undefined) throw new Error(`${name} answered what its schema forbids: ${parsed.error.message}`);
  return result;
}
