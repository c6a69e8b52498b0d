/**
 * Rejections: why a command was refused. Returned, never thrown; the caller must act.
 * `protocol` maps each code one to one to a JSON-RPC error number.
 */
import type { Json } from '@coppice/extension';

export type RejectionCode =
  | 'task/not-found'
  | 'tree/cycle'
  | 'executor/not-found'
  | 'task/invalid-inputs'
  | 'task/invalid-transition'
  | 'task/dependencies-unsatisfied'
  | 'run/already-running'
  | 'task/cannot-delete'
  | 'tree/invalid-parent'
  | 'tree/invalid-dependency'
  | 'tree/invalid'
  | 'auth/unauthorized'
  | 'limit/refused'
  | 'replay/mismatch'
  | 'storage/unreadable';

/** One fault of a submission, and its place. */
export interface Violation {
  readonly code: RejectionCode;
  /** Path into the submission: `['tasks', 3, 'dependencies', 0, 'task']`. */
  readonly path: readonly (string | number)[];
  /** For people: what is wrong and what to do. */
  readonly reason: string;
  readonly expected?: string;
  readonly actual?: Json;
}

/** A refused command: one code, and every violation found. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
  /** All violations at once, in the order of the submission. */
  readonly errors?: readonly Violation[];
  /** Evidence of the code: `path` of a cycle, `missing` dependents, `hint`, `retryAfterMs`, … */
  readonly data?: { readonly [key: string]: Json };
}

export type RefusedOutcome = { readonly ok: false; readonly rejection: Rejection };
export type Outcome<T> = { readonly ok: true; readonly value: T } | RefusedOutcome;

/** Makes a refusal. */
export function refuse(
  code: RejectionCode,
  message: string,
  more: Omit<Rejection, 'code' | 'message'> = {},
): RefusedOutcome {
  return { ok: false, rejection: { code, message, ...more } };
}
