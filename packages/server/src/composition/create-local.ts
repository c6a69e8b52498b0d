/** The engine inside the caller's process, behind the same dispatcher as every transport. */
import { join } from 'node:path';
import type { Store } from '@coppice/core';
import type { Engine, Logger, RecoveredRun } from '@coppice/engine';
import type { MethodName, Notification, Params, Result, RpcError, RpcResponse } from '@coppice/protocol';
import type { ServerConfig } from '../config.ts';
import { createLogger } from '../logger.ts';
import { LOCAL_OWNER } from '../rpc/caller.ts';
import { Subscriptions } from '../rpc/subscriptions.ts';
import { compose } from './compose.ts';
import type { ComposeOptions, StopOptions } from './compose.ts';
import type { LocalSocket } from '../transport/local-socket.ts';

export interface Local {
  readonly engine: Engine;
  /** What the engine works on. */
  readonly store: Store;
  readonly logger: Logger;
  /** Resolves with the reason when the engine has failed for good: only a new process goes on. */
  readonly failed: Promise<unknown>;
  /** Calls a method as the local owner. Rejects with a CallError. */
  call<Name extends MethodName>(method: Name, params: Params<Name>): Promise<Result<Name>>;
  /** Sends any JSON-RPC message and answers the parsed answer; undefined: none is due. */
  send(message: unknown): Promise<unknown>;
  /** Notifications of subscriptions come after the answer that names them. Answers the function that ends the listening. */
  onNotification(listener: (notification: Notification) => void): () => void;
  /** Lets other processes of this user call the engine, over a socket in the data directory. `stop` closes it. */
  listen(): Promise<LocalSocket>;
  /** Opens the store and continues incomplete runs. */
  start(): Promise<readonly RecoveredRun[]>;
  /** Stopping twice is harmless. */
  stop(options?: StopOptions): Promise<void>;
}

/** A call that was answered with an error. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly error: RpcError;

  constructor(method: string, error: RpcError) {
    super(`${method}: ${error.message}`);
    this.error = error;
  }
}

/** Name of the log in the data directory. */
const LOG_FILE = 'coppice.log';

/** Builds an embedded engine; nothing is opened yet. Logs go to a file in the data directory, warnings and worse only. */
export async function createLocal(config: ServerConfig, options: ComposeOptions = {}): Promise<Local> {
  // Who calls here has this process for itself: large submissions keep nobody waiting.
  const own: ServerConfig = { ...config, limits: { ...config.limits, listItems: Number.MAX_SAFE_INTEGER } };
  const { engine, store, dispatcher, logger, failed, start, stop } = await compose(own, {
    ...options,
    logger: options.logger ?? createLogger({ level: options.logLevel ?? 'warn', file: join(config.dataDir, LOG_FILE) }),
  });
  const listeners = new Set<(notification: Notification) => void>();
  const subscriptions = new Subscriptions({
    engine,
    max: config.limits.subscriptionsPerConnection,
    send: (text) => {
      // Through text, as on every other transport: listeners never share objects with the engine.
      const copy = JSON.parse(text) as Notification;
      for (const listener of listeners) listener(copy);
    },
  });
  const caller = { principal: LOCAL_OWNER, subscriptions };
  let lastId = 0;
  let socket: LocalSocket | undefined;

  async function send(message: unknown): Promise<unknown> {
    const reply = await dispatcher.receive(JSON.stringify(message), caller);
    // Reading takes no turn of the event loop: a caller that asks again and again would keep commits and timers from theirs.
    await new Promise((resolve) => setImmediate(resolve));
    // After the promises that wait for the answer.
    setImmediate(reply.sent);
    return reply.text === undefined ? undefined : (JSON.parse(reply.text) as unknown);
  }

  return {
    engine,
    store,
    logger,
    failed,
    send,
    call: async <Name extends MethodName>(method: Name, params: Params<Name>): Promise<Result<Name>> => {
      lastId += 1;
      const response = (await send({ jsonrpc: '2.0', id: lastId, method, params })) as RpcResponse;
      if ('error' in response) throw new CallError(method, response.error);
      return response.result as Result<Name>;
    },
    onNotification: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listen: async () => {
      const { connections: connectionsMax, subscriptionsPerConnection: subscriptionsMax } = config.limits;
      const { dataDir } = config;
      const { serveLocalSocket } = await import('../transport/local-socket.ts');
      socket = await serveLocalSocket({
        engine,
        dispatcher,
        logger,
        dataDir,
        connectionsMax,
        subscriptionsMax,
      });
      return socket;
    },
    start,
    stop: async (stopOptions) => {
      await stop(stopOptions);
      subscriptions.closeAll();
      await socket?.close();
    },
  };
}
