/**
 * What an event sets in motion beside the state that it leads to: data, which the kernel carries out.
 *
 * 1. Pure, and exhaustive by the compiler: a new type of event does not compile before it has said here what it does.
 * 2. An effect is about the task, the attempt or the run of its event. One that is about other tasks names them.
 * 3. The state may have gone on when an effect is carried out: whoever does it looks whether it still holds.
 * 4. The common events have lists that are made once: an effect costs no memory unless it says something of its own.
 */
import type { TaskId } from '@coppice/extension';
import type { Consequences, RunEvent } from './event.ts';

/** Carried out as soon as the event is decided, before it is durable. */
export type EffectAtOnce =
  /** The attempt gives its places back. */
  | { readonly do: 'release' }
  /** Tasks that became ready stand in line. */
  | { readonly do: 'enqueue'; readonly taskIds: readonly TaskId[] }
  /** Tasks besides the one of the event have changed: their rows are written. */
  | { readonly do: 'write'; readonly taskIds: readonly TaskId[] }
  /** Tasks of the run are open. */
  | { readonly do: 'openRun' }
  /** Nothing of the run starts any more. */
  | { readonly do: 'endRun' };

/** Why an executor that still has the attempt in hand is told to let go of it. */
export interface Abort {
  readonly code: 'cancelled' | 'timeout' | 'shutdown';
  readonly message: string;
}

/** Carried out once the event is durable. */
export type EffectAfterCommit =
  /** The attempt's executor is called, and its limits are watched. */
  | { readonly do: 'start' }
  /** The timer of the task, or of its attempt, goes. */
  | { readonly do: 'clear' }
  /** Whoever still has the attempt in hand gets its signal. */
  | { readonly do: 'abort'; readonly why: Abort }
  /** A timer makes the task ready. Epoch ms. */
  | { readonly do: 'wake'; readonly atMs: number }
  /** A task has come to its end: the run gets on. */
  | { readonly do: 'advance' }
  /** A timer watches the budget of the run. */
  | { readonly do: 'limitRun' };

const NOTHING: readonly never[] = [];
const RELEASE: EffectAtOnce = { do: 'release' };
const RELEASE_ONLY: readonly EffectAtOnce[] = [RELEASE];
const OPEN_RUN: EffectAtOnce = { do: 'openRun' };
const END_RUN: readonly EffectAtOnce[] = [{ do: 'endRun' }];

export function effectsAtOnce(event: RunEvent): readonly EffectAtOnce[] {
  switch (event.type) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'TaskCancelled': {
      const { ready } = event.data;
      if (event.attempt === undefined) return enqueue(event.data);
      return ready === undefined ? RELEASE_ONLY : [RELEASE, { do: 'enqueue', taskIds: ready }];
    }
    case 'TaskSkipped':
    case 'TaskOpened':
    case 'TaskUpdated':
      return enqueue(event.data);
    case 'RetryScheduled':
      return RELEASE_ONLY;
    case 'AttemptInterrupted':
      if (event.data.dueAtMs !== undefined) return RELEASE_ONLY;
      return [RELEASE, { do: 'enqueue', taskIds: [event.taskId] }];
    case 'TaskDue':
      return [{ do: 'enqueue', taskIds: [event.taskId] }];
    case 'RunStarted':
      return [OPEN_RUN, ...enqueue(event.data)];
    case 'RunReopened':
      return [{ do: 'write', taskIds: event.data.reset }, OPEN_RUN, ...enqueue(event.data)];
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
      return END_RUN;
    case 'TasksDeleted':
      return [{ do: 'write', taskIds: event.data.taskIds }];
    case 'TreeCreated':
    case 'TaskStarted':
    case 'TaskDelayed':
    case 'TaskProgressed':
    case 'CallRecorded':
      return NOTHING;
  }
}

function enqueue({ ready }: Consequences): readonly EffectAtOnce[] {
  return ready === undefined ? NOTHING : [{ do: 'enqueue', taskIds: ready }];
}

const CLEAR: EffectAfterCommit = { do: 'clear' };
const ADVANCE: EffectAfterCommit = { do: 'advance' };
const START: readonly EffectAfterCommit[] = [{ do: 'start' }];
const TASK_ENDED: readonly EffectAfterCommit[] = [CLEAR, ADVANCE];
const LIMIT_RUN: readonly EffectAfterCommit[] = [{ do: 'limitRun' }];

export function effectsAfterCommit(event: RunEvent): readonly EffectAfterCommit[] {
  switch (event.type) {
    case 'TaskStarted':
      return START;
    case 'TaskCompleted':
      return TASK_ENDED;
    case 'TaskFailed':
      return event.attempt === undefined ? TASK_ENDED : [CLEAR, timedOut(event.data.error.message), ADVANCE];
    case 'TaskCancelled':
      return event.attempt === undefined ? TASK_ENDED : [CLEAR, cancelled(event.data.reason.message), ADVANCE];
    case 'TaskDelayed':
      return [{ do: 'wake', atMs: event.data.dueAtMs }];
    case 'RetryScheduled':
      return [CLEAR, timedOut(event.data.error.message), { do: 'wake', atMs: event.data.dueAtMs }];
    case 'AttemptInterrupted': {
      const { dueAtMs } = event.data;
      const abort: EffectAfterCommit = { do: 'abort', why: { code: 'shutdown', message: 'The engine stops' } };
      return dueAtMs === undefined ? [CLEAR, abort] : [CLEAR, abort, { do: 'wake', atMs: dueAtMs }];
    }
    case 'RunStarted':
    case 'RunReopened':
      return LIMIT_RUN;
    case 'TreeCreated':
    case 'TaskOpened':
    case 'TaskDue':
    case 'TaskSkipped':
    case 'TaskProgressed':
    case 'CallRecorded':
    case 'TaskUpdated':
    case 'TasksDeleted':
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
      return NOTHING;
  }
}

/** An attempt that failed is in nobody's hand any more, unless a limit of it has passed. */
function timedOut(message: string): EffectAfterCommit {
  return { do: 'abort', why: { code: 'timeout', message } };
}

function cancelled(message: string): EffectAfterCommit {
  return { do: 'abort', why: { code: 'cancelled', message } };
}
