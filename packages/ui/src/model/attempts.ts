/** The attempts of one task, from the events of its run: what the table of attempts shows. */
import type { RunEvent, TaskError } from '@coppice/protocol';

export type AttemptOutcome = 'running' | 'completed' | 'failed' | 'retry' | 'interrupted' | 'skipped' | 'cancelled';

export interface AttemptRow {
  readonly attempt: number;
  readonly startedAtMs: number;
  /** undefined: it goes on. */
  readonly endedAtMs: number | undefined;
  /** `retry`: it failed, and another one follows. */
  readonly outcome: AttemptOutcome;
  readonly error: TaskError | undefined;
}

/** Oldest first. `untilSeq`: the last event that counts; undefined: all do. */
export function attemptsOf(events: readonly RunEvent[], taskId: string, untilSeq = Infinity): readonly AttemptRow[] {
  const rows: AttemptRow[] = [];
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (!('taskId' in event) || event.taskId !== taskId) continue;
    const atMs = Date.parse(event.at);
    if (event.type === 'TaskStarted') {
      const { attempt = rows.length + 1 } = event;
      rows.push({ attempt, startedAtMs: atMs, endedAtMs: undefined, outcome: 'running', error: undefined });
      continue;
    }
    const end = endOf(event);
    const last = rows.at(-1);
    if (end !== undefined && last?.outcome === 'running') rows[rows.length - 1] = { ...last, endedAtMs: atMs, ...end };
  }
  return rows;
}

function endOf(event: RunEvent): Pick<AttemptRow, 'outcome' | 'error'> | undefined {
  switch (event.type) {
    case 'TaskCompleted':
      return { outcome: 'completed', error: undefined };
    case 'TaskFailed':
      return { outcome: 'failed', error: event.data.error };
    case 'RetryScheduled':
      return { outcome: 'retry', error: event.data.error };
    case 'AttemptInterrupted':
      return { outcome: 'interrupted', error: undefined };
    case 'TaskSkipped':
      return { outcome: 'skipped', error: undefined };
    case 'TaskCancelled':
      return { outcome: 'cancelled', error: undefined };
    default:
      return undefined;
  }
}
