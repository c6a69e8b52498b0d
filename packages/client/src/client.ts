/** The client of Coppice: typed calls of every method, and trees to follow, over any transport. */
import type { ClientFace, MethodName, Notification, Params, Result, RunEvent } from '@coppice/protocol';
import { Connection } from './connection.ts';
import type { CallOptions } from './connection.ts';
import { follow } from './follow.ts';
import { followLogs } from './follow-logs.ts';
import type { LogPage, LogRange } from './follow-logs.ts';
import type { FollowOptions } from './follow.ts';
import { methodCalls } from './method-calls.ts';
import type { MethodCalls } from './method-calls.ts';
import type { ConnectionState, Transport } from './transport.ts';

export interface ClientOptions {
  readonly transport: Transport;
  /** Longest wait for an answer, ms; 0: no limit. Default 30000. Calls with `wait: true` want more. */
  readonly timeoutMs?: number;
  /** What the client is to people; events that its calls cause say so. Default `rpc`. */
  readonly face?: ClientFace;
}

/** Calls reject with an `RpcError` when the server refuses, with a `ConnectionError` when it can not be asked. */
export interface Client extends MethodCalls {
  call<Name extends MethodName>(method: Name, params: Params<Name>, options?: CallOptions): Promise<Result<Name>>;
  /** The events of a tree in order, each once, across lost connections; ends when its run has ended. */
  follow(treeId: string, options?: FollowOptions): AsyncGenerator<RunEvent, void, undefined>;
  /**
   * What a task and its members write, page by page, none of them empty, across lost connections. It ends when nothing more comes,
   * unless somebody runs the task again.
   */
  followLogs(range: LogRange): AsyncGenerator<LogPage, void, undefined>;
  /** The same client with another face: it shares the connection. */
  as(face: ClientFace): Client;
  /** Listens to the server's notifications; answers the function that ends it. */
  onNotification(listener: (notification: Notification) => void): () => void;
  /** Listens to changes of `state`; answers the function that ends it. */
  onState(listener: (state: ConnectionState) => void): () => void;
  readonly state: ConnectionState;
  /** Ends the connection and rejects what has no answer. Closing twice is harmless. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** Makes a client; the transport starts to connect at once. */
export function createClient(options: ClientOptions): Client {
  const { transport, timeoutMs = TIMEOUT_MS, face } = options;
  return clientOf(new Connection({ transport, timeoutMs, face }), undefined);
}

/** `face`: another one than that of the connection. */
function clientOf(connection: Connection, face: ClientFace | undefined): Client {
  const facing = (options: CallOptions | undefined): CallOptions | undefined =>
    face === undefined ? options : { face, ...options };
  const members: Omit<Client, keyof MethodCalls> = {
    call: (method, params, callOptions) => connection.call(method, params, facing(callOptions)),
    as: (other) => clientOf(connection, other),
    follow: (treeId, followOptions) => follow(connection, treeId, followOptions),
    followLogs: (range) => followLogs(connection, range),
    onNotification: (listener) => connection.onNotification(listener),
    onState: (listener) => connection.onState(listener),
    get state() {
      return connection.transport.state;
    },
    close: () => connection.transport.close(),
  };
  const call = (method: string, params: unknown, callOptions: CallOptions | undefined): Promise<unknown> =>
    connection.call(method as MethodName, params as Params<MethodName>, facing(callOptions));
  return new Proxy(members as Client, {
    get: (target, member, receiver) =>
      member in target || typeof member !== 'string' || member === 'then'
        ? (Reflect.get(target, member, receiver) as unknown)
        : methodCalls(call, `${member}.`),
  });
}
