/** JSON-RPC over a transport: matches answers to requests, ends those that get none, and hands out notifications. */
import {
  createJSONRPCErrorResponse,
  createJSONRPCRequest,
  isJSONRPCRequest,
  isJSONRPCResponse,
  isJSONRPCResponses,
  JSONRPCClient,
} from 'json-rpc-2.0';
import type { ClientFace, MethodName, Notification, Params, Result } from '@coppice/protocol';
import { ConnectionError, RpcError } from './client-error.ts';
import type { ConnectionErrorCode } from './client-error.ts';
import type { ConnectionState, Receiver, Transport } from './transport.ts';

export interface CallOptions {
  /** Rejects the call with the signal's reason. The server is not told: the call may have its effect. */
  readonly signal?: AbortSignal;
  /** Longest wait for the answer, ms; 0: no limit. Default: that of the client. */
  readonly timeoutMs?: number;
  /** What the client is to people in this call. Default: that of the client. */
  readonly face?: ClientFace;
}

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly face: ClientFace | undefined;
}

/** Number of errors that json-rpc-2.0 makes up itself; no server answers it. */
const LOCAL_ERROR = 0;

/** One request on its way; json-rpc-2.0 keeps only the message of what sending rejected with. */
interface Request {
  readonly signal: AbortSignal;
  readonly face: ClientFace | undefined;
  failure: unknown;
}

const LOST: Readonly<Partial<Record<ConnectionState, ConnectionErrorCode>>> = {
  reconnecting: 'connection/lost',
  failed: 'connection/failed',
  offline: 'connection/closed',
};

export class Connection implements Receiver {
  readonly transport: Transport;
  readonly #timeoutMs: number;
  readonly #rpc: JSONRPCClient<Request>;
  readonly #notified = new Set<(notification: Notification) => void>();
  readonly #changed = new Set<(state: ConnectionState) => void>();
  #lastId = 0;

  constructor(options: ConnectionOptions) {
    this.transport = options.transport;
    this.#timeoutMs = options.timeoutMs;
    const { face: own } = options;
    this.#rpc = new JSONRPCClient(async (message: object, sending: Request) => {
      const face = sending.face ?? own;
      try {
        await this.transport.send(face === undefined ? message : { ...message, face }, sending.signal);
      } catch (error) {
        sending.failure = error;
        throw error;
      }
    });
    this.transport.open(this);
  }

  async call<Name extends MethodName>(
    method: Name,
    params: Params<Name>,
    options: CallOptions = {},
  ): Promise<Result<Name>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const stop = new AbortController();
    const timer = this.#startTimer(method, stop, options.timeoutMs ?? this.#timeoutMs);
    const forward = (): void => stop.abort(options.signal?.reason);
    if (options.signal?.aborted === true) forward();
    options.signal?.addEventListener('abort', forward, { once: true });
    try {
      return (await this.#request(id, { method, params, signal: stop.signal, face: options.face })) as Result<Name>;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', forward);
    }
  }

  /** Answers the function that ends the listening. */
  onNotification(listener: (notification: Notification) => void): () => void {
    this.#notified.add(listener);
    return () => this.#notified.delete(listener);
  }

  /** Answers the function that ends the listening. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  message(message: unknown): void {
    if (isJSONRPCResponse(message) || isJSONRPCResponses(message)) this.#rpc.receive(message);
    else if (isJSONRPCRequest(message)) {
      const { method, params } = message as unknown as Notification;
      for (const listener of this.#notified) listener({ method, params } as Notification);
    }
  }

  stateChanged(state: ConnectionState): void {
    const code = LOST[state];
    if (code !== undefined) this.#rpc.rejectAllPendingRequests(code);
    for (const listener of this.#changed) listener(state);
  }

  #startTimer(method: string, stop: AbortController, timeoutMs: number): ReturnType<typeof setTimeout> | undefined {
    if (timeoutMs === 0) return undefined;
    const error = new ConnectionError('connection/timeout', `No answer to ${method} within ${timeoutMs} ms.`);
    return setTimeout(() => stop.abort(error), timeoutMs);
  }

  /** Sends one request and waits for its answer, the abort of the signal or the end of the connection. */
  async #request(
    id: number,
    request: Pick<Request, 'signal' | 'face'> & { readonly method: string; readonly params: unknown },
  ): Promise<unknown> {
    const { method, params, signal, face } = request;
    const sending: Request = { signal, face, failure: undefined };
    const stopped = (): void => this.#rpc.receive(createJSONRPCErrorResponse(id, LOCAL_ERROR, 'stopped'));
    signal.throwIfAborted();
    signal.addEventListener('abort', stopped, { once: true });
    const answer = await this.#rpc.requestAdvanced(createJSONRPCRequest(id, method, params), sending);
    signal.removeEventListener('abort', stopped);
    const { error } = answer;
    if (error === undefined) return answer.result as unknown;
    if (error.code !== LOCAL_ERROR) throw new RpcError(method, error);
    signal.throwIfAborted();
    throw sending.failure instanceof Error ? sending.failure : this.#lost(method, error.message);
  }

  #lost(method: string, code: string): ConnectionError {
    const problem = this.transport.problem ?? 'The connection was closed';
    return new ConnectionError(code as ConnectionErrorCode, `${problem}; ${method} got no answer.`);
  }
}
