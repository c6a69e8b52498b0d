/** JSON-RPC over the socket that a local process serves in its data directory, framed as on stdio. Node only. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { Message } from 'vscode-jsonrpc/node';
import { ConnectionError } from './client-error.ts';
import type { ConnectionState, Receiver, Transport } from './transport.ts';

export interface SocketTransportOptions {
  /** Path of the socket, or name of the pipe on Windows. */
  readonly path: string;
}

/** Connects once: a process that has ended does not come back under the same path. */
export function socketTransport(options: SocketTransportOptions): Transport {
  return new SocketTransport(options.path);
}

class SocketTransport implements Transport {
  state: ConnectionState = 'offline';
  problem: string | undefined;
  readonly pushes = true;
  readonly #path: string;
  #receiver: Receiver | undefined;
  #socket: Socket | undefined;
  #writer: StreamMessageWriter | undefined;
  #connected: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    const socket = connect(this.#path);
    this.#socket = socket;
    this.#writer = new StreamMessageWriter(socket);
    const reader = new StreamMessageReader(socket);
    reader.listen((message) => this.#receiver?.message(message));
    reader.onError((error) => socket.destroy(error));
    this.#writer.onError(() => {
      // The socket closes, and that says why.
    });
    this.#change('connecting');
    this.#connected = new Promise((settle) => {
      socket.once('connect', () => (this.#change('live'), settle()));
      socket.once('close', () => (this.#fail(), settle()));
    });
    socket.on('error', (error) => (this.problem = `Can not connect to ${this.#path}: ${error.message}`));
  }

  async send(message: unknown): Promise<void> {
    await this.#connected;
    if (this.state !== 'live' || this.#writer === undefined) throw this.#end();
    await this.#writer.write(message as Message).catch(() => undefined);
  }

  recover(): Promise<void> {
    return this.state === 'live' ? Promise.resolve() : Promise.reject(this.#end());
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (this.state !== 'failed') this.#change('offline');
    if (socket === undefined || socket.closed) return;
    await new Promise<void>((closed) => {
      socket.once('close', () => closed());
      socket.destroy();
    });
  }

  #fail(): void {
    if (this.state === 'offline') return;
    this.problem ??= 'The process at the other end has ended';
    this.#change('failed');
  }

  #change(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.#receiver?.stateChanged(state);
  }

  #end(): ConnectionError {
    if (this.state === 'offline') return new ConnectionError('connection/closed', 'The client is closed.');
    return new ConnectionError('connection/failed', `${this.problem ?? 'The connection has ended'}.`);
  }
}
