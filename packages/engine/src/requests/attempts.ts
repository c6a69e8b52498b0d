/** The attempts of a task, folded from its events (R-RT-09). */
import { isAttemptEnd } from '@coppice/core';
import type { AttemptEnd, Json, JsonObject, RunEvent, TaskError, TaskId } from '@coppice/core';
import type { Attempt } from '../engine.ts';

interface Open {
  attempt: number;
  status: Attempt['status'];
  startedAtMs: number;
  input: JsonObject;
  endedAtMs?: number;
  output?: Json;
  error?: TaskError;
  retryDelayMs?: number;
  retryAtMs?: number;
}

/** The attempts of a task in the order of their starts. */
export function attemptsOf(taskId: TaskId, events: Iterable<RunEvent>): readonly Attempt[] {
  const attempts = new Map<number, Open>();
  for (const event of events) {
    if (event.taskId !== taskId || event.attempt === undefined) continue;
    if (event.type === 'TaskStarted') {
      attempts.set(event.attempt, {
        attempt: event.attempt,
        status: 'running',
        startedAtMs: event.atMs,
        input: event.data.input,
      });
      continue;
    }
    const open = attempts.get(event.attempt);
    if (open !== undefined && isAttemptEnd(event)) close(open, event);
  }
  return [...attempts.values()];
}

function close(open: Open, event: AttemptEnd): void {
  switch (event.type) {
    case 'TaskCompleted':
      Object.assign(open, { status: 'completed', endedAtMs: event.atMs, output: event.data.output });
      return;
    case 'TaskFailed':
      Object.assign(open, { status: 'failed', endedAtMs: event.atMs, error: event.data.error });
      return;
    case 'RetryScheduled':
      Object.assign(open, {
        status: 'failed',
        endedAtMs: event.atMs,
        error: event.data.error,
        retryDelayMs: event.data.delayMs,
        retryAtMs: event.data.dueAtMs,
      });
      return;
    case 'TaskCancelled':
      Object.assign(open, { status: 'cancelled', endedAtMs: event.atMs });
      if (event.data.output !== undefined) open.output = event.data.output;
      return;
    case 'AttemptInterrupted':
      Object.assign(open, {
        status: 'interrupted',
        endedAtMs: event.atMs,
        ...(event.data.dueAtMs === undefined
          ? {}
          : { retryDelayMs: event.data.dueAtMs - event.atMs, retryAtMs: event.data.dueAtMs }),
      });
      return;
  }
  event satisfies never;
}
