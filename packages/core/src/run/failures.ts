/** The failures of a run. A failure is unhandled, handled by a task that ran, or allowed (rule 7). */
import type { TaskError } from '@coppice/extension';
import { dealsWithFailure } from '../task/failure-edge.ts';
import type { FailureSummary, ToleratedFailure, ToleratedFailures } from './event.ts';
import { ladders } from './ladder.ts';
import type { RunState, TaskState } from './state.ts';
import { isCompensation } from './undoable.ts';

/** Most failures that an event lists. The rows of the tasks hold all of them. */
const LISTED_MAX = 100;
/** Most tolerated failures that an event names. */
const NAMED_MAX = 3;

/** A failed task. `toleration` says why the failure does not fail the run. */
export interface Failure {
  readonly task: TaskState;
  readonly toleration: Toleration | undefined;
}

export interface Toleration {
  readonly how: ToleratedFailure['how'];
  /** The task or group that is allowed to fail, or the task that handled the failure. */
  readonly by: TaskState;
}

/** The failures that fail the run, and the tolerated ones, in declared order. */
export interface Failures {
  readonly unhandled: readonly TaskState[];
  readonly tolerated: readonly (Toleration & { readonly task: TaskState })[];
}

const NONE: readonly Failure[] = [];

/** Every failed task of a run, in declared order. Costs nothing for a run without failed tasks. */
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

/** True for a task that failed itself; a compensation is told of with the failure that it follows. A group mostly fails because one of its members did. */
function isFailure(task: TaskState): boolean {
  return task.selected && !task.deleted && hasFailedItself(task) && !isCompensation(task);
}

/** False for a group that failed because a member of it did, or because a task ended the whole run. */
export function hasFailedItself({ status, group, error }: TaskState): boolean {
  return (
    status === 'failed' && (group === undefined || (error?.code !== 'group/failed' && error?.code !== 'run/fatal'))
  );
}

/** The nearest task, going from the failed one up through its groups, that is allowed to fail or whose failure another task handled. A fatal failure has none. */
function whoTolerates(task: TaskState): Toleration | undefined {
  if (task.error?.fatal === true) return undefined;
  for (let at: TaskState | undefined = task; at !== undefined; at = at.scope.owner) {
    if (isEndedByHand(at)) return { how: 'handled', by: at };
    if (at.definition.allowFailure) return { how: 'allowed', by: at };
    const handler = at.status === 'failed' && at.handled ? findHandler(at) : undefined;
    if (handler !== undefined) return { how: 'handled', by: handler };
  }
  return undefined;
}

/** True when a person completed or skipped it: that deals with all failures in it. */
function isEndedByHand({ status, reason }: TaskState): boolean {
  return reason?.code === 'user' && (status === 'completed' || status === 'skipped');
}

/** The task that handled the failure. A handling task that was skipped or cancelled does not count. */
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

/** The failures as the last event of a run lists them: only the first ones. */
export function summarize(run: RunState, failed: readonly TaskState[]): readonly FailureSummary[] {
  const ladderOf = ladders(run);
  return failed.slice(0, LISTED_MAX).map((task) => ({
    taskId: task.id,
    name: task.definition.name,
    error: task.error as TaskError,
    ladder: ladderOf(task),
  }));
}

/** The tolerated failures as data of an event; empty when there are none. */
export function toleratedData({ tolerated }: Failures): { tolerated?: ToleratedFailures } {
  if (tolerated.length === 0) return {};
  const handled = tolerated.filter(({ how }) => how === 'handled').length;
  const first = tolerated.slice(0, NAMED_MAX).map(({ task, how, by }) => ({ ...nameOf(task), how, by: nameOf(by) }));
  return { tolerated: { handled, allowed: tolerated.length - handled, first } };
}

function nameOf({ id, definition }: TaskState): { taskId: TaskState['id']; name: string } {
  return { taskId: id, name: definition.name };
}
