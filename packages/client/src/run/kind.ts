/** What a task is for, as the wire shows it: by its executor, or by what it waits for. */

/** A task of an answer or an event, or one that is to be submitted. */
export interface OfAKind {
  readonly executor?: string | null | undefined;
  readonly wait?: object | null | undefined;
  readonly approval?: object | null | undefined;
}

/** True for a task that stands for its members. */
export function isGroup(task: OfAKind): boolean {
  return workOf(task) === 'group';
}

/** The type of its executor, or `wait`, `approval`, `group`. */
export function workOf({ executor, wait, approval }: OfAKind): string {
  if (typeof executor === 'string') return executor;
  if ((approval ?? null) !== null) return 'approval';
  return (wait ?? null) === null ? 'group' : 'wait';
}
