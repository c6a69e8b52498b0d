/**
 * Effects: what an event sets in motion beside the new state. Effects are data; the kernel carries them out.
 *
 * 1. This file is pure, and the compiler checks that it is complete: a new type of event does not compile before it has its effects here.
 * 2. An effect is about the task, the attempt or the run of its event, or about the tasks that the event made ready. An effect on other
 *    tasks names them.
 * 3. The state may have changed when an effect is carried out, so the kernel checks whether the effect still holds.
 * 4. Common events share lists of effects: only an effect with data of its own costs memory.
 */
import type { TaskId } from '@coppice/extension';
import type { Consequences, HandReason, RunEvent } from './event.ts';
import { earlier } from './wake-time.ts';

/** Carried out as soon as the event is decided, before it is durable. */
export type EffectAtOnce =
  /** Gives the places of the attempt back to the gates. */
  | { readonly do: 'release' }
  /** Puts the task, which became ready, into its queue. */
  | { readonly do: 'enqueue' }
  /** Puts the tasks into their queues that the event made ready: `data.ready` has their ids. */
  | { readonly do: 'enqueueReady' }
  /** Writes the rows of tasks that have changed besides the task of the event. */
  | { readonly do: 'write'; readonly taskIds: readonly TaskId[] }
  /** Moves each ready task of the run to the queue of the gates that keep it back now. */
  | { readonly do: 'lineUp' }
  /** Writes the rows of all waiting tasks below the task of the event, because their due times have changed. */
  | { readonly do: 'writeWaiting' }
  /** Counts the tasks of a run that has begun. */
  | { readonly do: 'openRun' }
  /** Removes the ready tasks of a run that has ended from their queues. */
  | { readonly do: 'endRun' };

/** Why an executor that still works on the attempt is told to stop. */
export interface Abort {
  readonly code: 'cancelled' | 'timeout' | 'shutdown' | 'paused';
  readonly message: string;
}

/** Carried out once the event is durable. */
export type EffectAfterCommit =
  /** Calls the executor of the attempt, and watches the limits of the attempt and of the task. */
  | { readonly do: 'start' }
  /** Clears the timer of the task or of its attempt, and sets that of its time limits to those of the state. */
  | { readonly do: 'clear' }
  /** Aborts the signal of the attempt, if its executor still works on it. */
  | { readonly do: 'abort'; readonly why: Abort }
  /** Sets a timer that makes the task ready, or that goes on with its wait. Epoch ms. */
  | { readonly do: 'wake'; readonly atMs: number }
  /** Sets the timer of the task's own time limits to those of the state. */
  | { readonly do: 'limit' }
  /** Notes that the run makes progress: one of its tasks has ended. */
  | { readonly do: 'advance' }
  /** Sets a timer for the time budget of the run. */
  | { readonly do: 'limitRun' }
  /**
   * Sets the timers of the task and of all waiting tasks and time limits below it to those of the state: a paused task has none. For the
   * root, also the timer for the budget.
   */
  | { readonly do: 'setTimers' }
  /** Sets a timer that releases the attempts which a pause of the task waits for, if the pause says when. */
  | { readonly do: 'drain' };

const NOTHING: readonly never[] = [];
const RELEASE: EffectAtOnce = { do: 'release' };
const RELEASE_ONLY: readonly EffectAtOnce[] = [RELEASE];
const ENQUEUE: EffectAtOnce = { do: 'enqueue' };
const ENQUEUE_ONLY: readonly EffectAtOnce[] = [ENQUEUE];
const RELEASE_AND_ENQUEUE: readonly EffectAtOnce[] = [RELEASE, ENQUEUE];
const ENQUEUE_READY: EffectAtOnce = { do: 'enqueueReady' };
const ENQUEUE_READY_ONLY: readonly EffectAtOnce[] = [ENQUEUE_READY];
const RELEASE_AND_ENQUEUE_READY: readonly EffectAtOnce[] = [RELEASE, ENQUEUE_READY];
const OPEN_RUN: EffectAtOnce = { do: 'openRun' };
const END_RUN: readonly EffectAtOnce[] = [{ do: 'endRun' }];
const LINE_UP: EffectAtOnce = { do: 'lineUp' };
const LINE_UP_ONLY: readonly EffectAtOnce[] = [LINE_UP];
const RESUMED: readonly EffectAtOnce[] = [{ do: 'writeWaiting' }, LINE_UP];

export function effectsAtOnce(event: RunEvent): readonly EffectAtOnce[] {
  switch (event.type) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'TaskSkipped':
    case 'TaskCancelled':
      if (event.attempt === undefined) return enqueueReady(event.data);
      return event.data.ready === undefined ? RELEASE_ONLY : RELEASE_AND_ENQUEUE_READY;
    case 'TaskOpened': {
      const { added } = event.data;
      const written: readonly EffectAtOnce[] =
        added === undefined ? NOTHING : [{ do: 'write', taskIds: added.map(({ id }) => id) }];
      const released = event.attempt === undefined ? NOTHING : RELEASE_ONLY;
      const enqueued = enqueueReady(event.data);
      return added === undefined && event.attempt === undefined ? enqueued : [...released, ...written, ...enqueued];
    }
    case 'TaskUpdated':
      return enqueueReady(event.data);
    case 'RetryScheduled':
      return event.attempt === undefined ? NOTHING : RELEASE_ONLY;
    case 'AttemptInterrupted':
      return event.data.dueAtMs === undefined ? RELEASE_AND_ENQUEUE : RELEASE_ONLY;
    case 'TaskDue':
      return ENQUEUE_ONLY;
    case 'RunStarted':
      return [OPEN_RUN, ...enqueueReady(event.data)];
    case 'RunReopened':
      return [{ do: 'write', taskIds: event.data.reset }, OPEN_RUN, ...enqueueReady(event.data)];
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
      return END_RUN;
    case 'TasksDeleted':
      return [{ do: 'write', taskIds: event.data.taskIds }];
    case 'TaskPausing':
      return LINE_UP_ONLY;
    case 'TaskResumed':
      return RESUMED;
    case 'TaskPaused':
    case 'TreeCreated':
    case 'TaskStarted':
    case 'TaskDelayed':
    case 'WaitStarted':
    case 'WaitReminded':
    case 'SignalReceived':
    case 'SignalRejected':
    case 'TaskProgressed':
    case 'CallRecorded':
      return NOTHING;
  }
}

function enqueueReady({ ready }: Consequences): readonly EffectAtOnce[] {
  return ready === undefined ? NOTHING : ENQUEUE_READY_ONLY;
}

const CLEAR: EffectAfterCommit = { do: 'clear' };
const LIMIT: readonly EffectAfterCommit[] = [{ do: 'limit' }];
const ADVANCE: EffectAfterCommit = { do: 'advance' };
const START: readonly EffectAfterCommit[] = [{ do: 'start' }];
const TASK_ENDED: readonly EffectAfterCommit[] = [CLEAR, ADVANCE];
const LIMIT_RUN: readonly EffectAfterCommit[] = [{ do: 'limitRun' }];
const DRAINED: readonly EffectAfterCommit[] = [{ do: 'drain' }];
const PAUSE_CHANGED: readonly EffectAfterCommit[] = [{ do: 'setTimers' }, ...DRAINED];
const SHUTDOWN: Abort = { code: 'shutdown', message: 'The engine stops' };
const PAUSED: Abort = { code: 'paused', message: 'The task is paused' };

export function effectsAfterCommit(event: RunEvent): readonly EffectAfterCommit[] {
  switch (event.type) {
    case 'TaskStarted':
      return START;
    case 'TaskCompleted':
      return event.data.reason === undefined ? TASK_ENDED : endedByHand(event, event.data.reason);
    case 'TaskSkipped':
      return event.data.reason.code === 'user' ? endedByHand(event, event.data.reason) : NOTHING;
    case 'TaskFailed':
      return event.attempt === undefined ? TASK_ENDED : [CLEAR, timedOut(event.data.error.message), ADVANCE];
    case 'TaskCancelled':
      return event.attempt === undefined ? TASK_ENDED : [CLEAR, cancelled(event.data.reason.message), ADVANCE];
    case 'TaskDelayed':
      return [{ do: 'wake', atMs: event.data.dueAtMs }];
    case 'WaitStarted':
    case 'WaitReminded': {
      const atMs = earlier(event.data.dueAtMs, event.data.remindAtMs);
      return atMs === undefined ? NOTHING : [{ do: 'wake', atMs }];
    }
    case 'RetryScheduled': {
      const wake: EffectAfterCommit = { do: 'wake', atMs: event.data.dueAtMs };
      // Without an attempt a breaker has turned the task away: there is nothing to stop.
      return event.attempt === undefined ? [wake] : [CLEAR, timedOut(event.data.error.message), wake];
    }
    case 'AttemptInterrupted': {
      const { reason, dueAtMs } = event.data;
      const abort: EffectAfterCommit = { do: 'abort', why: reason === 'pause' ? PAUSED : SHUTDOWN };
      return dueAtMs === undefined ? [CLEAR, abort] : [CLEAR, abort, { do: 'wake', atMs: dueAtMs }];
    }
    case 'RunStarted':
    case 'RunReopened':
      return LIMIT_RUN;
    case 'TaskPausing':
    case 'TaskResumed':
      return PAUSE_CHANGED;
    case 'TaskPaused':
      return DRAINED;
    case 'TaskOpened':
      if (event.attempt !== undefined) return TASK_ENDED;
      return event.data.deadlineAtMs === undefined ? NOTHING : LIMIT;
    case 'TaskDue':
      return event.data.deadlineAtMs === undefined ? NOTHING : LIMIT;
    case 'TreeCreated':
    case 'TaskProgressed':
    case 'CallRecorded':
    case 'SignalReceived':
    case 'SignalRejected':
    case 'TaskUpdated':
    case 'TasksDeleted':
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
      return NOTHING;
  }
}

/** Stops an attempt whose time limit has passed. An attempt that failed in any other way has already ended. */
function timedOut(message: string): EffectAfterCommit {
  return { do: 'abort', why: { code: 'timeout', message } };
}

/** An attempt that a person has made superfluous is stopped. */
function endedByHand({ attempt }: RunEvent, { message }: Pick<HandReason, 'message'>): readonly EffectAfterCommit[] {
  return attempt === undefined ? TASK_ENDED : [CLEAR, cancelled(message), ADVANCE];
}

function cancelled(message: string): EffectAfterCommit {
  return { do: 'abort', why: { code: 'cancelled', message } };
}
