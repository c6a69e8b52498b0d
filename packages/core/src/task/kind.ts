/** The kind of a task. It follows from the submission, and the definition states it. */

import { isWait, type OfAWait } from './wait.ts';

/** `executor`: an executor does its work. `group`: it stands for its members. `wait`: it waits for a time or a signal. */
export type TaskKind = 'executor' | 'group' | 'wait';

/** A definition, a row or a submission: the kind can be read from each of them. */
export interface OfAKind extends OfAWait {
  /** Absent in a submission, and in old trees, where only the executor shows the kind. */
  readonly kind?: TaskKind | undefined;
  readonly executor?: string | null | undefined;
}

/** The stated kind. Where none is stated: `executor` for a task with an executor, `wait` for one that waits, else `group`. */
export function kindOf({ kind, executor, wait, approval }: OfAKind): TaskKind {
  if (kind !== undefined) return kind;
  if (typeof executor === 'string') return 'executor';
  return isWait({ wait, approval }) ? 'wait' : 'group';
}

/** True for a task that stands for its members. */
export function isGroup(task: OfAKind): boolean {
  return kindOf(task) === 'group';
}
