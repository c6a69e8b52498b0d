/** What a task is for, as the wire shows it: by its executor. */

/** A task of an answer or an event, or one that is to be submitted. */
export interface OfAKind {
  readonly executor?: string | null | undefined;
}

/** True for a task that stands for its members. */
export function isGroup({ executor }: OfAKind): boolean {
  return typeof executor !== 'string';
}

/** The type of its executor, or `group`. */
export function workOf({ executor }: OfAKind): string {
  return executor ?? 'group';
}
