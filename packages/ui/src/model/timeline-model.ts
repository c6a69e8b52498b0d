/**
 * One run in time, from its events: when each task waited for a limit, ran, backed off, or was delayed.
 *
 * 1. The spans of a task follow each other and never overlap; only the last may be open.
 * 2. Events are added as they come; each costs time for its own tasks only.
 */
import { durationText } from '@coppice/client';
import type { EventOf, RunEvent } from '@coppice/protocol';

/**
 * - `queued`: ready, and waiting for a limit to let it start.
 * - `running`: an attempt.
 * - `backoff`: between a failed attempt and the next. `delayed`: until its `notBefore`. `waiting`: it is there to wait.
 * - `open`: a group, from its opening to its end.
 */
export type SpanKind = 'queued' | 'running' | 'backoff' | 'delayed' | 'waiting' | 'open';

export type SpanOutcome = 'completed' | 'failed' | 'retry' | 'interrupted' | 'cancelled' | 'skipped';

export interface Span {
  readonly kind: SpanKind;
  /** The attempt it is or leads to; 0 for groups and delays. */
  readonly attempt: number;
  readonly fromMs: number;
  /** undefined: it goes on. */
  readonly toMs: number | undefined;
  /** How a run or a group ended. */
  readonly outcome: SpanOutcome | undefined;
}

export interface TimelineRow {
  readonly taskId: string;
  readonly parentId: string | undefined;
  /** Ids of the tasks it depends on. */
  readonly dependencies: readonly string[];
  readonly spans: readonly Span[];
  /** The task whose end or opening made this one ready; undefined: the start of the run. */
  readonly readyBy: string | undefined;
}

interface Row extends TimelineRow {
  readonly spans: Span[];
  readyBy: string | undefined;
}

/** How the time of a run was spent, ms; sums over all tasks with an executor. */
export interface TimelineSummary {
  readonly queuedMs: number;
  readonly runningMs: number;
  readonly backoffMs: number;
  /** The part of the running time in attempts that did not complete. */
  readonly lostMs: number;
  /** Attempts that ran at the same time, on average. */
  readonly parallelism: number;
}

type OfTask = Extract<RunEvent, { taskId: string }>;
type EndEvent = EventOf<'TaskCompleted' | 'TaskFailed' | 'TaskSkipped' | 'TaskCancelled'>;

const OUTCOMES: Readonly<Record<EndEvent['type'], SpanOutcome>> = {
  TaskCompleted: 'completed',
  TaskFailed: 'failed',
  TaskSkipped: 'skipped',
  TaskCancelled: 'cancelled',
};

export class TimelineModel {
  readonly #rows = new Map<string, Row>();
  #startMs: number | undefined;
  #lastMs: number | undefined;
  #isEnded = false;

  /** In declared order. */
  get rows(): ReadonlyMap<string, TimelineRow> {
    return this.#rows;
  }

  /** Start of the run; before it has started, the creation of the tree. */
  get startMs(): number | undefined {
    return this.#startMs;
  }

  /** Time of the last event. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Takes the next events in; answers the tasks whose rows have changed. */
  add(events: Iterable<RunEvent>): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const event of events) this.#apply(event, changed);
    return changed;
  }

  #apply(event: RunEvent, changed: Set<string>): void {
    const atMs = Date.parse(event.at);
    this.#lastMs = atMs;
    if ('taskId' in event) {
      this.#applyToTask(event, atMs);
      changed.add(event.taskId);
    } else this.#applyToRun(event, atMs);
    if (!('ready' in event.data)) return;
    for (const id of event.data.ready ?? []) {
      const row = this.#rows.get(id);
      if (row === undefined) continue;
      row.readyBy = 'taskId' in event ? event.taskId : undefined;
      next(row, { kind: 'queued', attempt: lastAttempt(row) + 1, atMs });
      changed.add(id);
    }
  }

  #applyToRun(event: Exclude<RunEvent, OfTask>, atMs: number): void {
    switch (event.type) {
      case 'TreeCreated':
        this.#startMs = atMs;
        this.#add(event.data.definition.tasks);
        return;
      case 'RunStarted':
        this.#startMs = atMs;
        return;
      case 'RunReopened':
        this.#isEnded = false;
        for (const id of event.data.removed ?? []) this.#rows.delete(id);
        return;
      case 'RunCompleted':
      case 'RunFailed':
      case 'RunCancelled':
        this.#isEnded = true;
        return;
      case 'TasksDeleted':
        for (const id of event.data.taskIds) this.#rows.delete(id);
        return;
      case 'SignalReceived':
      case 'SignalRejected':
        return;
    }
    event satisfies never;
  }

  #add(definitions: EventOf<'TreeCreated'>['data']['definition']['tasks']): void {
    for (const { id, parentId, dependencies } of definitions) {
      const sources = dependencies.map(({ task }) => task);
      this.#rows.set(id, { taskId: id, parentId, dependencies: sources, spans: [], readyBy: undefined });
    }
  }

  #applyToTask(event: OfTask, atMs: number): void {
    const row = this.#rows.get(event.taskId);
    if (row === undefined) return;
    switch (event.type) {
      case 'TaskOpened':
        for (const id of event.data.removed ?? []) this.#rows.delete(id);
        if (event.data.added !== undefined) this.#add(event.data.added);
        // A repetition opens its group again for each copy.
        if (event.data.closing !== undefined) return;
        if (row.spans.at(-1)?.kind === 'open' && row.spans.at(-1)?.toMs === undefined) return;
        next(row, { kind: 'open', attempt: 0, atMs });
        return;
      case 'TaskDelayed':
        next(row, { kind: 'delayed', attempt: 0, atMs });
        return;
      case 'WaitStarted':
        next(row, { kind: 'waiting', attempt: 0, atMs });
        return;
      case 'TaskDue':
        next(row, { kind: 'queued', attempt: lastAttempt(row) + 1, atMs });
        return;
      case 'TaskStarted':
        next(row, { kind: 'running', attempt: event.attempt ?? lastAttempt(row) + 1, atMs });
        return;
      case 'RetryScheduled':
        close(row, atMs, 'retry');
        next(row, { kind: 'backoff', attempt: lastAttempt(row), atMs });
        return;
      case 'AttemptInterrupted':
        close(row, atMs, 'interrupted');
        if (event.data.dueAt === undefined) next(row, { kind: 'queued', attempt: lastAttempt(row) + 1, atMs });
        else next(row, { kind: 'backoff', attempt: lastAttempt(row), atMs });
        return;
      case 'TaskCompleted':
      case 'TaskFailed':
      case 'TaskSkipped':
      case 'TaskCancelled':
        close(row, atMs, OUTCOMES[event.type]);
        return;
      case 'WaitReminded':
      case 'CallRecorded':
      case 'TaskProgressed':
      case 'TaskUpdated':
      case 'TaskPausing':
      case 'TaskPaused':
      case 'TaskResumed':
        return;
    }
    event satisfies never;
  }
}

interface Opening {
  readonly kind: SpanKind;
  readonly attempt: number;
  readonly atMs: number;
}

/** Ends the open span and begins the next. */
function next(row: Row, { kind, attempt, atMs }: Opening): void {
  close(row, atMs, undefined);
  row.spans.push({ kind, attempt, fromMs: atMs, toMs: undefined, outcome: undefined });
}

function close(row: Row, atMs: number, outcome: SpanOutcome | undefined): void {
  const last = row.spans.at(-1);
  if (last === undefined || last.toMs !== undefined) return;
  const counts = last.kind === 'running' || last.kind === 'open';
  row.spans[row.spans.length - 1] = { ...last, toMs: atMs, outcome: counts ? outcome : undefined };
}

function lastAttempt(row: Row): number {
  return row.spans.findLast(({ kind }) => kind === 'running')?.attempt ?? 0;
}

/** Sums over all rows; an open span counts until `nowMs`. */
export function summarise(model: TimelineModel, nowMs: number): TimelineSummary {
  const sums = { queued: 0, running: 0, backoff: 0, delayed: 0, waiting: 0, open: 0 };
  let lostMs = 0;
  for (const { spans } of model.rows.values()) {
    for (const { kind, fromMs, toMs = nowMs, outcome } of spans) {
      sums[kind] += Math.max(0, toMs - fromMs);
      if (kind === 'running' && outcome !== undefined && outcome !== 'completed') lostMs += toMs - fromMs;
    }
  }
  const endMs = model.isEnded ? (model.lastMs ?? nowMs) : nowMs;
  const lengthMs = endMs - (model.startMs ?? nowMs);
  const parallelism = lengthMs > 0 ? sums.running / lengthMs : 0;
  return { queuedMs: sums.queued, runningMs: sums.running, backoffMs: sums.backoff, lostMs, parallelism };
}

/** `ran 12s · waited for limits 3.0s · 1.7 at a time`. */
export function summaryText({ queuedMs, runningMs, backoffMs, lostMs, parallelism }: TimelineSummary): string {
  const parts = [`ran ${durationText(runningMs)}`];
  if (queuedMs > 0) parts.push(`waited for limits ${durationText(queuedMs)}`);
  if (backoffMs > 0) parts.push(`backed off ${durationText(backoffMs)}`);
  if (lostMs > 0) parts.push(`lost ${durationText(lostMs)} in failed attempts`);
  if (parallelism > 0) parts.push(`${parallelism.toFixed(1)} at a time`);
  return parts.join(' · ');
}
