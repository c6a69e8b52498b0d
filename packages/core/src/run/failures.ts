/** The failures of a run, and what became of each: nobody dealt with it, a task that handles it ran, or it was allowed (rule 7). */
import type { TaskError } from '@coppice/extension';
import { dealsWithFailure } from '../task/failure-edge.ts';
import type { FailureSummary, ToleratedFailure, ToleratedFailures } from './event.ts';
import type { RunState, TaskState } from './state.ts';

/** Failures that an event lists; all of them are in the rows of the tasks. */
const LISTED_MAX = 100;
/** Tolerated failures that an event names. */
const NAMED_MAX = 3;

/** A failed task; and, when it does not make the run fail, why. */
export interface Failure {
  readonly task: TaskState;
  readonly toleration: Toleration | undefined;
}

export interface Toleration {
  readonly how: ToleratedFailure['how'];
  /** Who says that the run may do without it, or the task that dealt with it. */
  readonly by: TaskState;
}

/** Those that make the run fail, and those that do not, in declared order. */
export interface Failures {
  readonly unhandled: readonly TaskState[];
  readonly tolerated: readonly (Toleration & { readonly task: TaskState })[];
}

const NONE: readonly Failure[] = [];

/** Every failed task of a run, in declared order; a run without any costs nothing. */
export function listFailures(run: RunState): readonly Failure[] {
  if (run.counts.failed === 0) return NONE;
  return run.tasks.filter(isFailure).map((task) => ({ task, toleration: whoTolerates(task) }));
}

export function failuresOf(run: RunState): Failures {
  const all = listFailures(run);
  return {
    unhandled: all.filter(({ toleration }) => toleration === undefined).map(({ task }) => task),
    tolerated: all.flatMap(({ task, toleration }) => (toleration === undefined ? [] : [{ task, ...toleration }])),
  };
}

/** A failure of its own: that of a group is mostly one of its members'. */
function isFailure(task: TaskState): boolean {
  const isOfMembers = task.group !== undefined && task.error?.code === 'group/failed';
  return task.selected && !task.deleted && task.status === 'failed' && !isOfMembers;
}

/** The nearest of the task and the groups around it that is allowed to fail, or whose failure somebody dealt with. */
function whoTolerates(task: TaskState): Toleration | undefined {
  for (let at: TaskState | undefined = task; at !== undefined; at = at.scope.owner) {
    if (at.definition.allowFailure) return { how: 'allowed', by: at };
    const handler = at.status === 'failed' && at.handled ? findHandler(at) : undefined;
    if (handler !== undefined) return { how: 'handled', by: handler };
  }
  return undefined;
}

/** A task that deals with the failure and was not skipped or cancelled in the end: such a one has dealt with nothing. */
function findHandler(failed: TaskState): TaskState | undefined {
  for (const first of failed.outgoing) {
    for (let edge: typeof first | undefined = first; edge !== undefined; edge = edge.next) {
      const { status, target, dependency } = edge;
      if (status !== 'fired' || !target.selected || !dealsWithFailure(dependency)) continue;
      if (target.status !== 'skipped' && target.status !== 'cancelled') return target;
    }
  }
  return undefined;
}

/** The failures as a run's last event lists them: the first of them, and how many there are. */
export function summarize(failed: readonly TaskState[]): readonly FailureSummary[] {
  return failed.slice(0, LISTED_MAX).map((task) => ({
    taskId: task.id,
    name: task.definition.name,
    error: task.error as TaskError,
  }));
}

/** What the run went on in spite of; nothing when there is none. */
export function toleratedData({ tolerated }: Failures): { tolerated?: ToleratedFailures } {
  if (tolerated.length === 0) return {};
  const handled = tolerated.filter(({ how }) => how === 'handled').length;
  const first = tolerated.slice(0, NAMED_MAX).map(({ task, how, by }) => ({ ...nameOf(task), how, by: nameOf(by) }));
  return { tolerated: { handled, allowed: tolerated.length - handled, first } };
}

function nameOf({ id, definition }: TaskState): { taskId: TaskState['id']; name: string } {
  return { taskId: id, name: definition.name };
}
