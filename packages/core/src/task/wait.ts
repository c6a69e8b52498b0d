/**
 * Waits: a task whose work is to wait, for a time or for a signal. An approval is a wait for the signal of one person.
 * What is here is as it was written; texts may hold `${{ … }}`, which are resolved when the wait begins, and stored then.
 */
import type { Json, JsonObject } from '@coppice/extension';

/** What ends a wait for a signal when no signal comes. At most one of `timeoutMs` and `deadline`. */
interface Limits {
  /** What people read who may end the wait. Default: the name of the task. */
  readonly title?: string;
  readonly text?: string;
  /** From the beginning of the wait: ms, or a text such as `5m`. */
  readonly timeoutMs?: number | string;
  /** ISO 8601 time. */
  readonly deadline?: string;
  /** Each time that this has passed, ms, people are reminded; `REMINDERS_MAX` times. */
  readonly reminderMs?: number;
}

/** Waits for a time (`forMs`, `until`) or for a signal (`signal`): exactly one of the three. */
export interface WaitDefinition extends Limits {
  /** Ms, or a text such as `5m`. */
  readonly forMs?: number | string;
  /** ISO 8601 time. One that has passed ends the wait at once. */
  readonly until?: string;
  /** Name of the signal, whose payload becomes the output. */
  readonly signal?: string;
  /** JSON Schema of the payload; absent: any. */
  readonly schema?: JsonObject;
  /** When the time-out has passed. [fail] */
  readonly onTimeout?: 'fail' | 'default';
  /** The output after a time-out. */
  readonly default?: Json;
}

/** Waits for the answer of a person, and completes on the port `approved` or `rejected`. */
export interface ApprovalDefinition extends Limits {
  /** JSON Schema of the values that come with an approval: an object; its defaults stand for what is not given. */
  readonly form?: JsonObject;
  /** Users who may answer. Absent: the owner of the tree. An admin always may. */
  readonly approvers?: readonly string[];
  /** When the time-out has passed. [fail] */
  readonly onTimeout?: 'fail' | 'approve' | 'reject';
}

/** The signal that answers are. It goes to one task, whoever else waits for an approval. */
export const APPROVAL_SIGNAL = 'approval';
export const APPROVED = 'approved';
export const REJECTED = 'rejected';
/** What an approval can end on; the first is its primary port. */
export const APPROVAL_PORTS: readonly string[] = [APPROVED, REJECTED];

/** Signals whose names begin like this are Coppice's own. */
export const OWN_SIGNALS = 'coppice.';

export const REMINDERS_MAX = 10;

/** What a wait is read from: a definition, a row, or what a caller submits. */
export interface OfAWait {
  readonly wait?: WaitDefinition | null | undefined;
  readonly approval?: ApprovalDefinition | null | undefined;
}

/** True for a task whose work is to wait. */
export function isWait({ wait, approval }: OfAWait): boolean {
  return (wait ?? approval ?? null) !== null;
}
