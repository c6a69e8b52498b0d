/** Estimates of the time that is left of a run, from what tasks of each type took before (R-PR-08). */
import {
  EVENT_MEANING,
  isTaskEnd,
  isTerminal,
  type EventMeaning,
  type RunEvent,
  type RunState,
  type TaskEnd,
  type TaskState,
  type TreeId,
} from '@coppice/core';
import { criticalPathMs } from './critical-path.ts';
import type { TimeLeft } from './shown-run.ts';

/** Weight of the newest duration in the moving average. */
const NEWEST_SHARE = 0.2;

/** Least time between two looks for the critical path of a run, ms, and what each of its tasks adds to that. */
const PATH_EVERY_MS = 1_000;
const PATH_MS_PER_TASK = 0.1;

/** Events after which a run's count of remaining attempts is wrong. */
const ENDS_COUNT: readonly EventMeaning['run'][] = ['is opened again', 'ends'];

/** Average durations by executor type over all runs of this engine (R-PR-08). */
export class DurationEstimates {
  readonly #averages = new Map<string, number>();
  /** Remaining attempts by executor type, for runs that somebody has asked about. */
  readonly #remaining = new Map<TreeId, Map<string, number>>();

  /** Critical paths that were worked out, with the time of the run's last event then. */
  readonly #paths = new Map<TreeId, { readonly atMs: number; readonly leftMs: number | undefined }>();

  /** Learns from committed events. */
  observe(run: RunState, events: readonly RunEvent[]): void {
    const remaining = this.#remaining.get(run.treeId);
    const isKnown = remaining !== undefined || this.#paths.has(run.treeId);
    for (const event of events) {
      if (isTaskEnd(event)) this.#ended(run, event, remaining);
      else if (isKnown && ENDS_COUNT.includes(EVENT_MEANING[event.type].run)) {
        this.#remaining.delete(run.treeId);
        this.#paths.delete(run.treeId);
      }
    }
  }

  #ended(run: RunState, event: TaskEnd, remaining: Map<string, number> | undefined): void {
    const task = run.byId.get(event.taskId);
    const type = task?.definition.executor;
    if (task === undefined || type === undefined) return;
    // What a person completed says nothing about the executor.
    if (event.type === 'TaskCompleted' && event.data.reason === undefined && task.startedAtMs !== undefined)
      this.#learn(type, event.atMs - task.startedAtMs);
    if (remaining !== undefined && task.selected) remaining.set(type, Math.max((remaining.get(type) ?? 0) - 1, 0));
  }

  /** Average time of an attempt of this type that completed, ms; null: none has yet. */
  averageMs(type: string): number | null {
    return this.#averages.get(type) ?? null;
  }

  /** The time that is left of the run; null: unknown. The larger of two bounds: all work shared out, and the longest chain. */
  estimate(run: RunState): TimeLeft | null {
    if (run.status !== 'running') return null;
    const pathMs = this.#pathMs(run);
    if (pathMs === undefined) return null;
    const workMs = run.executing === 0 ? 0 : this.#workMs(run) / run.executing;
    return workMs >= pathMs && run.executing > 0
      ? { etaMs: Math.round(workMs), basis: 'work' }
      : { etaMs: Math.round(pathMs), basis: 'criticalPath' };
  }

  /** Time of all remaining attempts, ms. */
  #workMs(run: RunState): number {
    let remaining = this.#remaining.get(run.treeId);
    if (remaining === undefined) this.#remaining.set(run.treeId, (remaining = countRemaining(run)));
    let workMs = 0;
    for (const [type, count] of remaining) workMs += count * (this.#averages.get(type) ?? 0);
    return workMs;
  }

  /** Works the path out anew at most once a second, and for large runs more seldom, because it costs as much as the run is large. */
  #pathMs(run: RunState): number | undefined {
    const known = this.#paths.get(run.treeId);
    const ageMs = known === undefined ? Infinity : run.atMs - known.atMs;
    if (known?.leftMs !== undefined && ageMs < Math.max(PATH_EVERY_MS, run.tasks.length * PATH_MS_PER_TASK))
      return Math.max(known.leftMs - ageMs, 0);
    const leftMs = criticalPathMs(run, (task) => this.#leftOf(task, run.atMs));
    this.#paths.set(run.treeId, { atMs: run.atMs, leftMs });
    return leftMs;
  }

  #leftOf({ status, definition, startedAtMs, waiting }: TaskState, nowMs: number): number | undefined {
    // How long a person or a signal takes, nobody knows; nor how long a wait is that has not begun.
    if (definition.executor === undefined && (waiting?.untilMs === undefined || isForSignal(waiting))) return undefined;
    const dueMs = Math.max((waiting?.untilMs ?? nowMs) - nowMs, 0);
    if (definition.executor === undefined) return dueMs;
    const average = this.#averages.get(definition.executor);
    if (average === undefined) return undefined;
    return status === 'running' ? Math.max(average - (nowMs - (startedAtMs ?? nowMs)), 0) : dueMs + average;
  }

  #learn(type: string, durationMs: number): void {
    const average = this.#averages.get(type);
    this.#averages.set(type, average === undefined ? durationMs : average + (durationMs - average) * NEWEST_SHARE);
  }
}

function countRemaining(run: RunState): Map<string, number> {
  const remaining = new Map<string, number>();
  for (const { definition, status, selected } of run.tasks) {
    if (!selected || isTerminal(status) || definition.executor === undefined) continue;
    remaining.set(definition.executor, (remaining.get(definition.executor) ?? 0) + 1);
  }
  return remaining;
}

function isForSignal(waiting: NonNullable<TaskState['waiting']>): boolean {
  return waiting.for === 'wait' && waiting.signal !== undefined;
}
