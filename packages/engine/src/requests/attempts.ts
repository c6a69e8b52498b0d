/** The attempts of a task, folded from its events (R-RT-09). */
import { isAttemptEnd } from '@coppice/core';
import type { AttemptEnd, Json, JsonObject, RunEvent, TaskError } from '@coppice/core';
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

/** Folds the events of one task to its attempts. */
export class AttemptFold {
  readonly #attempts = new Map<number, Open>();

  /** Takes the next event of the task. */
  add(event: RunEvent): void {
    const { attempt, atMs } = event;
    if (attempt === undefined) return;
    if (event.type === 'TaskStarted') {
      this.#attempts.set(attempt, { attempt, status: 'running', startedAtMs: atMs, input: event.data.input });
      return;
    }
    const open = this.#attempts.get(attempt);
    if (open !== undefined && isAttemptEnd(event)) close(open, event);
  }

  /** In the order of their starts. */
  list(): readonly Attempt[] {
    return [...this.#attempts.values()];
  }
}

function close(open: Open, event: AttemptEnd): void {
  switch (event.type) {
    case 'TaskCompleted':
      Object.assign(open, { status: 'completed', endedAtMs: event.atMs, output: event.data.output });
      return;
    case 'TaskOpened':
      Object.assign(open, {
        status: 'completed',
        endedAtMs: event.atMs,
        output: event.data.outcome?.output ?? null,
      });
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
    case 'TaskSkipped':
      Object.assign(open, { status: 'skipped', endedAtMs: event.atMs });
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
