/** A client's transport to an engine in this very process. */
import type { ConnectionState, Receiver, Transport } from '@coppice/client';
import { ConnectionError } from '@coppice/client';
import type { Notification } from '@coppice/protocol';

/** The part of an embedded engine that a transport needs. */
export interface LocalEngine {
  send(message: unknown): Promise<unknown>;
  onNotification(listener: (notification: Notification) => void): () => void;
}

/** `pushes: false` for an engine that only reads: it gets no events, so the log must be asked. */
export function localTransport(local: LocalEngine, options: { readonly pushes: boolean }): Transport {
  return new LocalTransport(local, options.pushes);
}

class LocalTransport implements Transport {
  state: ConnectionState = 'offline';
  readonly problem = undefined;
  readonly pushes: boolean;
  readonly #local: LocalEngine;
  #receiver: Receiver | undefined;

  constructor(local: LocalEngine, pushes: boolean) {
    this.#local = local;
    this.pushes = pushes;
  }

  open(receiver: Receiver): void {
    this.#receiver = receiver;
    this.state = 'live';
    this.#local.onNotification(({ method, params }) => receiver.message({ jsonrpc: '2.0', method, params }));
    receiver.stateChanged('live');
  }

  async send(message: unknown): Promise<void> {
    if (this.state !== 'live') throw closed();
    const answer = await this.#local.send(message);
    if (answer !== undefined) this.#receiver?.message(answer);
  }

  recover(error: ConnectionError): Promise<void> {
    return Promise.reject(error);
  }

  /** The engine belongs to the session, which stops it. */
  close(): Promise<void> {
    if (this.state === 'live') {
      this.state = 'offline';
      this.#receiver?.stateChanged('offline');
    }
    return Promise.resolve();
  }
}

function closed(): ConnectionError {
  return new ConnectionError('connection/closed', 'The client is closed.');
}
