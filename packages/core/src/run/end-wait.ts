/** The end of a wait, with what its `set` writes to variables. */
import { end, type End } from './end.ts';
import { emit, type Draft } from './draft.ts';
import type { TaskState, WaitingAsBody } from './state.ts';
import { writesOf } from './writes.ts';

/** Ends a wait. When its `set` can not be worked out, it fails, and the signal that would have ended it is rejected. */
export function endWait(draft: Draft, task: TaskState, ending: End): void {
  const writes = ending.status === 'completed' ? writesOf(draft, task, ending) : undefined;
  if (writes === undefined || ending.status !== 'completed') return end(draft, task, ending);
  if ('patch' in writes) return end(draft, task, { ...ending, patch: writes.patch });
  const { signal } = ending;
  const { signal: name = '' } = task.waiting as WaitingAsBody;
  if (signal !== undefined)
    emit(draft, 'SignalRejected', { data: { signal, name, reason: writes.fault.message, task: task.id } });
  end(draft, task, { status: 'failed', error: writes.fault });
}
