/** The critical path of a run: what is left of the longest chain of tasks, if nothing had to wait for a place (R-PR-08). */
import { isTerminal, type Edge, type RunState, type TaskState } from '@coppice/core';

/** Time that is left of one task, ms; undefined: unknown. */
export type TaskEstimate = (task: TaskState) => number | undefined;

/**
 * Ms from now to the end of the last task. Undefined when a task that is left has no estimate. Each task has two moments: its opening, and
 * its end. Not recursive, because chains may be long.
 */
export function criticalPathMs(run: RunState, left: TaskEstimate): number | undefined {
  const places = new Map(run.tasks.map((task, place) => [task, place]));
  const opening: Moment = (task) => 2 * (places.get(task) as number);
  const end: Moment = (task) => opening(task) + 1;
  const atMs = new Float64Array(2 * run.tasks.length).fill(-1);
  const stack = run.tasks.filter(isLeft).map(end);
  for (let moment = stack.at(-1); moment !== undefined; moment = stack.at(-1)) {
    const isEnd = moment % 2 === 1;
    const task = run.tasks[moment >> 1] as TaskState;
    const { all, any } = isEnd ? beforeEnd(task, opening, end) : beforeOpening(task, opening, end);
    const unknown = [...all, ...any].filter((other) => atMs[other] === -1);
    if (unknown.length > 0) {
      for (const other of unknown) stack.push(other);
      continue;
    }
    stack.pop();
    const ownMs = isEnd && task.group === undefined ? left(task) : 0;
    if (ownMs === undefined) return undefined;
    atMs[moment] = ownMs + Math.max(latest(all, atMs), earliest(any, atMs));
  }
  let lastMs = 0;
  for (const momentMs of atMs) if (momentMs > lastMs) lastMs = momentMs;
  return lastMs;
}

/** Number of a moment of a task. */
type Moment = (task: TaskState) => number;

function latest(moments: readonly number[], atMs: Float64Array): number {
  return moments.reduce((latestMs, moment) => Math.max(latestMs, atMs[moment] as number), 0);
}

/** 0 when there are none. */
function earliest(moments: readonly number[], atMs: Float64Array): number {
  const earliestMs = moments.reduce((ms, moment) => Math.min(ms, atMs[moment] as number), Infinity);
  return earliestMs === Infinity ? 0 : earliestMs;
}

/** True for a task that the run still has to end. */
function isLeft({ status, selected, deleted }: TaskState): boolean {
  return selected && !deleted && !isTerminal(status);
}

/** The moments that a moment waits for: all of some, and the first of others. */
interface Waits {
  readonly all: readonly number[];
  readonly any: readonly number[];
}

function beforeEnd(task: TaskState, opening: Moment, end: Moment): Waits {
  return { all: [opening(task), ...(task.group?.members.filter(isLeft).map(end) ?? [])], any: [] };
}

function beforeOpening(task: TaskState, opening: Moment, end: Moment): Waits {
  if (task.status !== 'pending') return { all: [], any: [] };
  const { owner } = task.scope;
  const group = owner !== undefined && isLeft(owner) ? [opening(owner)] : [];
  const sources = task.incoming.filter(isOpen).map(({ source }) => end(source));
  if (task.definition.join !== 'any') return { all: [...group, ...sources], any: [] };
  return { all: group, any: task.fired > 0 ? [] : sources };
}

function isOpen({ status, source }: Edge): boolean {
  return status === 'open' && isLeft(source);
}
