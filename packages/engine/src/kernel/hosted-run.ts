/** A run in memory: its state, what is decided but not yet durable, and what hangs on it. */
import {
  isRunTerminal,
  type RefusedPart,
  type RunEvent,
  type RunState,
  type RunStatus,
  type TaskId,
  type TaskState,
  type TreeId,
} from '@coppice/core';
import type { Timer } from '../timers.ts';
import type { RunningAttempt } from './attempt.ts';

interface Waiter {
  readonly resolve: (status: RunStatus) => void;
  readonly reject: (error: unknown) => void;
}

/** Why a run was taken out of memory while something was decided on it. */
export interface Dropped {
  readonly code: RefusedPart['code'] | 'engine/fault';
  readonly message: string;
}

export interface HostedRun {
  readonly treeId: TreeId;
  readonly state: RunState;
  /** Decided, folded in, not yet in an append. */
  staged: RunEvent[];
  /** Tasks whose row is changed by staged events, each once. */
  changed: TaskState[];
  /** Number of the append to come; tasks in `changed` are marked with it. */
  appendNo: number;
  /** Events in the append that is under way. */
  appending: readonly RunEvent[];
  /** Sequence number of the last durable event. */
  durableSeq: number;
  /** Sequence number of the newest snapshot. */
  snapshotSeq: number;
  /** Attempts whose executor has been called. */
  readonly attempts: Map<TaskId, RunningAttempt>;
  /** Timers of waiting tasks and of limited attempts. */
  readonly timers: Map<TaskId, Timer>;
  /** Timer of the run's budget. */
  deadline: Timer | undefined;
  /** It goes on by itself: what is ready stands in line, what waits has its timer. */
  isResumed: boolean;
  /** How often in a row the run was dropped and loaded again without the end of a task becoming durable in between. */
  drops: number;
  /** Set when the run was taken out: what was decided and not durable never happened, and nothing is decided on this any more. */
  dropped: Dropped | undefined;
  /** Who waits until the run has ended and that is durable; rejected when the engine fails. */
  waiters: Waiter[];
}

export function newHostedRun(state: RunState, durableSeq: number): HostedRun {
  return {
    treeId: state.treeId,
    state,
    staged: [],
    changed: [],
    appendNo: 1,
    appending: NO_EVENTS,
    durableSeq,
    snapshotSeq: 0,
    attempts: new Map(),
    timers: new Map(),
    deadline: undefined,
    isResumed: false,
    drops: 0,
    dropped: undefined,
    waiters: [],
  };
}

export const NO_EVENTS: readonly RunEvent[] = [];

/** Notes that the task's row has to be written. */
export function markChanged(host: HostedRun, task: TaskState): void {
  if (task.mark === host.appendNo) return;
  task.mark = host.appendNo;
  if (host.changed.length === 0) host.changed = [task];
  else host.changed.push(task);
}

/** True when all that was decided is durable. */
export function isDurable(host: HostedRun): boolean {
  return host.staged.length === 0 && host.appending.length === 0;
}

/** True while anything can still happen to the run without a command from outside. */
export function isActive(host: HostedRun): boolean {
  const { status } = host.state;
  return (
    status === 'running' || status === 'pausing' || status === 'paused' || !isDurable(host) || host.attempts.size > 0
  );
}

/** Unfinished tasks that an active run executes. */
export function openOf(run: RunState): number {
  return isRunTerminal(run.status) || run.status === 'created' ? 0 : run.selectedCount;
}
