/**
 * JSON-RPC over one WebSocket, with the global `WebSocket` of browsers and Node.
 *
 * States: offline → connecting → live → reconnecting → live …; `failed` after too many failures in a row.
 * A message is sent once or not at all: what was on its way when the connection broke is not sent again.
 * The token travels as a subprotocol, because browsers let a page set no header on a WebSocket.
 */
import { ATTEMPTS_MAX, backOffMs } from './back-off.ts';
import type { BackOffOptions } from './back-off.ts';
import { ConnectionError } from './client-error.ts';
import { rpcUrl } from './http-transport.ts';
import type { ConnectionState, Receiver, Transport } from './transport.ts';

export interface WebSocketTransportOptions {
  /** Address of the server, e.g. `ws://127.0.0.1:4747` or its `http:` form; `/rpc` is added unless it is there. */
  readonly url: string;
  readonly token?: string | undefined;
  readonly reconnect?: BackOffOptions;
}

/** The subprotocol of the wire, and the prefix of the one that carries the token. */
const PROTOCOL = 'coppice';
const TOKEN_PROTOCOL = 'coppice.token.';
const NORMAL_CLOSURE = 1000;
/** No close code of the wire: this side has given up waiting. */
const SILENT = 0;
/** The server's way to say that the credentials are wrong: trying again is pointless. */
const POLICY_VIOLATION = 1008;

export function webSocketTransport(options: WebSocketTransportOptions): Transport {
  return new WebSocketTransport(options);
}

/** Subprotocols to offer, the token in base64url. */
export function subprotocols(token: string | undefined): string[] {
  if (token === undefined) return [PROTOCOL];
  const binary = String.fromCodePoint(...new TextEncoder().encode(token));
  const encoded = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return [PROTOCOL, `${TOKEN_PROTOCOL}${encoded}`];
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class WebSocketTransport implements Transport {
  state: ConnectionState = 'offline';
  problem: string | undefined;
  readonly pushes = true;
  readonly #url: URL;
  readonly #token: string | undefined;
  readonly #reconnect: BackOffOptions;
  readonly #waiters = new Set<Waiter>();
  #receiver: Receiver | undefined;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(options: WebSocketTransportOptions) {
    this.#url = rpcUrl(options.url, { 'http:': 'ws:', 'https:': 'wss:' });
    this.#token = options.token;
    this.#reconnect = options.reconnect ?? {};
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#change('connecting');
    this.#connect();
  }

  async send(message: unknown, signal: AbortSignal): Promise<void> {
    if (this.state !== 'live') await this.#connected(signal);
    this.#socket?.send(JSON.stringify(message));
  }

  recover(error: ConnectionError, signal: AbortSignal): Promise<void> {
    if (error.code === 'connection/timeout' && this.state === 'live') {
      // The other side may be gone without a word. A closing handshake would wait for it as well.
      const silent = this.#socket;
      this.#lost(SILENT, 'no answer in time');
      silent?.close();
    }
    return this.#connected(signal);
  }

  #connected(signal: AbortSignal): Promise<void> {
    if (this.state === 'live') return Promise.resolve();
    if (this.state === 'failed' || this.state === 'offline') return Promise.reject(this.#end());
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.reject(signal.reason as Error);
      const settle = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        resolve: () => (settle(), resolve()),
        reject: (error) => (settle(), reject(error)),
      };
      this.#waiters.add(waiter);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (this.state !== 'failed') this.#change('offline');
    if (socket === undefined || socket.readyState === socket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      socket.addEventListener('close', () => resolve(), { once: true });
      socket.close(NORMAL_CLOSURE);
    });
  }

  #connect(): void {
    const socket = new WebSocket(this.#url, subprotocols(this.#token));
    this.#socket = socket;
    const isCurrent = (): boolean => this.#socket === socket;
    socket.addEventListener('open', () => {
      if (!isCurrent()) return;
      this.#failures = 0;
      this.problem = undefined;
      this.#change('live');
    });
    socket.addEventListener('message', ({ data }) => {
      if (isCurrent() && typeof data === 'string') this.#receiver?.message(JSON.parse(data) as unknown);
    });
    socket.addEventListener('error', () => {
      // A close event always follows, and says more.
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (isCurrent()) this.#lost(code, reason);
    });
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#failures += 1;
    const detail = reason === '' ? '' : `: ${reason}`;
    const happened =
      this.state === 'live' ? `The connection to ${this.#url.host} broke` : `Can not connect to ${this.#url.host}`;
    this.problem = `${happened}${detail}`;
    if (code === POLICY_VIOLATION || this.#failures >= (this.#reconnect.attemptsMax ?? ATTEMPTS_MAX)) {
      this.#change('failed');
      return;
    }
    this.#change('reconnecting');
    this.#timer = setTimeout(() => this.#connect(), backOffMs(this.#failures, this.#reconnect));
  }

  #change(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.#receiver?.stateChanged(state);
    for (const waiter of this.#waiters) {
      if (state === 'live') waiter.resolve();
      else if (state === 'failed' || state === 'offline') waiter.reject(this.#end());
    }
  }

  #end(): ConnectionError {
    if (this.state === 'offline') return new ConnectionError('connection/closed', 'The client is closed.');
    return new ConnectionError('connection/failed', `${this.problem ?? `Can not connect to ${this.#url.host}`}.`);
  }
}
