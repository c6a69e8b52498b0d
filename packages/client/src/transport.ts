/** What carries JSON-RPC messages between a client and a server. One transport serves one client. */
import type { ConnectionError } from './client-error.ts';

/**
 * - `offline`: not opened yet, or closed by its owner.
 * - `connecting`: the first connection is being made.
 * - `live`: messages go through. Transports without a lasting connection are live from opening to closing.
 * - `reconnecting`: the connection was lost; another is being made.
 * - `failed`: given up; it stays so.
 */
export type ConnectionState = 'offline' | 'connecting' | 'live' | 'reconnecting' | 'failed';

/** Where a transport delivers what arrives. */
export interface Receiver {
  /** One parsed message: an answer, a batch of answers or a notification. */
  message(message: unknown): void;
  /** Called on every change. When it leaves `live`, requests without an answer will never get one. */
  stateChanged(state: ConnectionState): void;
}

export interface Transport {
  readonly state: ConnectionState;
  /** Why the state is `failed` or `reconnecting`, for people. */
  readonly problem: string | undefined;
  /** True if the server can send notifications through it. */
  readonly pushes: boolean;
  /** Called once, by the client. */
  open(receiver: Receiver): void;
  /** Resolves when the message is on its way; waits for a connection if one is being made. Rejects with a `ConnectionError`. */
  send(message: unknown, signal: AbortSignal): Promise<void>;
  /**
   * After a call that rejected with a `ConnectionError`: resolves when trying again makes sense, rejects with a `ConnectionError`
   * when it never will. A connection on which an answer did not come in time counts as broken.
   */
  recover(error: ConnectionError, signal: AbortSignal): Promise<void>;
  /** Closing twice is harmless. */
  close(): Promise<void>;
}
