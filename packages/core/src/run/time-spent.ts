/**
 * Where the time of a run went: for each task that does work or waits, how long it was what. Folded from the log of the run, beside its state.
 *
 * 1. From the begin of the run, or from when it came into it, to its end, a task is exactly one of these at each moment.
 * 2. A task that is tried again in a run that was opened again goes on where it ended; the time in between is nobody's.
 */
import type { TaskId } from '@coppice/extension';
import { isTerminal } from '../task/status.ts';
import { growthOf } from './event-meaning.ts';
import type { RunEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { isExecuting } from './executing.ts';
import { findPause } from './pauses.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/**
 * What a task is while its time passes. `dependencies`: what it depends on, or its group, keeps it waiting. `limited`: ready, and waiting for
 * its turn, at a full gate or because of a hold. `running`: an attempt is under way. `backOff`: until the next attempt. `waiting`: for its
 * time, or as its work. `paused`: something that is paused keeps it still.
 */
export const SPANS = ['dependencies', 'limited', 'running', 'backOff', 'waiting', 'paused'] as const;

export type Span = (typeof SPANS)[number];

/** Ms. */
export type TimeSpent = Readonly<Record<Span, number>>;

/** How the time of one task went. */
export interface TaskTime {
  readonly taskId: TaskId;
  readonly name: string;
  /** Undefined: it waits as its work. */
  readonly executor: string | undefined;
  readonly spent: TimeSpent;
}

interface Entry {
  readonly task: TaskState;
  readonly spent: Record<Span, number>;
  span: Span | undefined;
  sinceMs: number;
}

export class TimeSpentFold {
  readonly #entries = new Map<TaskState, Entry>();
  #run: RunState | undefined;

  /** Takes the next event of the log; answers the state after it. What leaves the run by it has ended before. */
  add(event: RunEvent): RunState {
    const run = evolve(this.#run, event);
    this.#run = run;
    for (const task of touchedBy(run, event)) this.#note(run, task, event.atMs);
    return run;
  }

  /** All tasks that have spent any time, also those that have left the run. `nowMs`: until when. */
  times(nowMs: number): readonly TaskTime[] {
    return [...this.#entries.values()].map(({ task, spent, span, sinceMs }) => ({
      taskId: task.id,
      name: task.definition.name,
      executor: task.definition.executor,
      spent: span === undefined ? spent : { ...spent, [span]: spent[span] + Math.max(nowMs - sinceMs, 0) },
    }));
  }

  #note(run: RunState, task: TaskState, atMs: number): void {
    const span = spanOf(run, task);
    let entry = this.#entries.get(task);
    if (entry === undefined) {
      if (span === undefined) return;
      entry = { task, spent: nothingSpent(), span: undefined, sinceMs: atMs };
      this.#entries.set(task, entry);
    }
    if (entry.span === span) return;
    if (entry.span !== undefined) entry.spent[entry.span] += atMs - entry.sinceMs;
    entry.span = span;
    entry.sinceMs = atMs;
  }
}

export function nothingSpent(): Record<Span, number> {
  return { dependencies: 0, limited: 0, running: 0, backOff: 0, waiting: 0, paused: 0 };
}

/** Undefined: it has ended, the run does not execute it, or it is a group, whose time is that of its members. */
function spanOf(run: RunState, task: TaskState): Span | undefined {
  const { status, selected, deleted, group, waiting } = task;
  if (run.startedAtMs === undefined || !selected || deleted || group !== undefined || isTerminal(status))
    return undefined;
  if (isExecuting(task)) return 'running';
  if (findPause(run, task) !== undefined) return 'paused';
  if (status === 'ready') return 'limited';
  if (status === 'pending') return 'dependencies';
  return waiting?.for === 'retry' || waiting?.for === 'restart' ? 'backOff' : 'waiting';
}

/** The tasks that an event may have made something else. */
function touchedBy(run: RunState, event: RunEvent): Iterable<TaskState> {
  switch (event.type) {
    case 'TreeCreated':
      return [];
    case 'TaskPausing':
    case 'TaskResumed':
      return subTree(run.byId.get(event.taskId) as TaskState);
    case 'RunStarted':
    case 'RunReopened':
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
    case 'TasksDeleted':
      return run.tasks;
    default: {
      const ready = 'ready' in event.data ? event.data.ready : undefined;
      const added = growthOf(event)?.added.map(({ id }) => id);
      const own = event.taskId === undefined ? undefined : [event.taskId];
      return [...tasksOf(run, own), ...tasksOf(run, ready), ...tasksOf(run, added)];
    }
  }
}

function tasksOf(run: RunState, ids: readonly TaskId[] | undefined): readonly TaskState[] {
  return (ids ?? []).flatMap((id) => run.byId.get(id) ?? []);
}
