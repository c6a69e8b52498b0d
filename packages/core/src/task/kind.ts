/** What a task is for. It follows from the submission, and is stated in the definition so that nobody guesses. */

/** `executor`: an executor does its work. `group`: it stands for its members. `wait`: reserved; nothing makes one yet. */
export type TaskKind = 'executor' | 'group' | 'wait';

/** What a kind is read from: a definition, a row, or what a caller submits. */
export interface OfAKind {
  /** Absent in what is submitted, and in trees that were made when nothing but the executor said it. */
  readonly kind?: TaskKind | undefined;
  readonly executor?: string | null | undefined;
}

/** The stated kind; where none is, that of a task with this executor or without one. */
export function kindOf({ kind, executor }: OfAKind): TaskKind {
  return kind ?? (typeof executor === 'string' ? 'executor' : 'group');
}

/** True for a task that stands for its members. */
export function isGroup(task: OfAKind): boolean {
  return kindOf(task) === 'group';
}
