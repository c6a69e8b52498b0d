/** The kind of a task. It follows from the submission, and the definition states it. */

/** `executor`: an executor does its work. `group`: it stands for its members. `wait`: reserved; nothing makes one yet. */
export type TaskKind = 'executor' | 'group' | 'wait';

/** A definition, a row or a submission: the kind can be read from each of them. */
export interface OfAKind {
  /** Absent in a submission, and in old trees, where only the executor shows the kind. */
  readonly kind?: TaskKind | undefined;
  readonly executor?: string | null | undefined;
}

/** The stated kind. Where none is stated: `executor` for a task with an executor, else `group`. */
export function kindOf({ kind, executor }: OfAKind): TaskKind {
  return kind ?? (typeof executor === 'string' ? 'executor' : 'group');
}

/** True for a task that stands for its members. */
export function isGroup(task: OfAKind): boolean {
  return kindOf(task) === 'group';
}
