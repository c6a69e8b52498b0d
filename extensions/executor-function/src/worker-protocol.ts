/** What passes between the executor and its worker thread. */
import type { ExecutorContext, Json, JsonObject } from '@coppice/extension';

/** The part of the context that a function in a worker thread sees, beside `logger`, `stream`, `progress`, `heartbeat` and `nowMs`. */
export type WorkerIdentity = Pick<
  ExecutorContext,
  'treeId' | 'taskId' | 'taskName' | 'attempt' | 'orderKey' | 'idempotencyKey' | 'baseDir' | 'dependencies'
>;

export interface WorkerCall {
  readonly url: string;
  readonly exportName: string;
  readonly args: Json;
  readonly ctx: WorkerIdentity;
  /** `ctx.nowMs()` when the call began. */
  readonly startedAtMs: number;
}

/** An error as it crosses threads. `retryable` is set for errors of Coppice only. */
export interface WorkerError {
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly fatal?: boolean;
  readonly retryAfterMs?: number;
  readonly data?: Json;
}

export type WorkerMessage =
  | { readonly kind: 'progress'; readonly fraction: number; readonly message?: string | undefined }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'stream'; readonly chunk: string | Uint8Array; readonly name?: 'stdout' | 'stderr' | undefined }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields?: JsonObject | undefined;
    }
  | {
      readonly kind: 'completed';
      readonly output: unknown;
      readonly port?: string | undefined;
      readonly hasPort: boolean;
    }
  | { readonly kind: 'failed'; readonly error: WorkerError };
