/** Progress and estimates of a run, from counters that change with each event. */
import {
  EVENT_MEANING,
  isTaskEnd,
  isTerminal,
  TASK_STATUSES,
  type EventMeaning,
  type RunEvent,
  type RunState,
  type TaskEnd,
  type TaskState,
  type TreeId,
  type TreeRecord,
} from '@coppice/core';
import type { RunProgress } from './engine.ts';

/** Weight of the newest duration in the moving average. */
const NEWEST_SHARE = 0.2;

/** Events after which a run's count of remaining attempts is wrong. */
const ENDS_COUNT: readonly EventMeaning['run'][] = ['is opened again', 'ends'];

/** Average durations by executor type over all runs of this engine (R-PR-08). */
export class DurationEstimates {
  readonly #averages = new Map<string, number>();
  /** Remaining attempts by executor type, for runs that somebody has asked about. */
  readonly #remaining = new Map<TreeId, Map<string, number>>();

  /** Learns from committed events. */
  observe(run: RunState, events: readonly RunEvent[]): void {
    const remaining = this.#remaining.get(run.treeId);
    for (const event of events) {
      if (isTaskEnd(event)) this.#ended(run, event, remaining);
      else if (remaining !== undefined && ENDS_COUNT.includes(EVENT_MEANING[event.type].run)) {
        this.#remaining.delete(run.treeId);
      }
    }
  }

  #ended(run: RunState, event: TaskEnd, remaining: Map<string, number> | undefined): void {
    const task = run.byId.get(event.taskId);
    const type = task?.definition.executor;
    if (task === undefined || type === undefined) return;
    if (event.type === 'TaskCompleted' && task.startedAtMs !== undefined)
      this.#learn(type, event.atMs - task.startedAtMs);
    if (remaining !== undefined && task.selected) remaining.set(type, Math.max((remaining.get(type) ?? 0) - 1, 0));
  }

  /** Estimated time to the end of the run, ms, from average durations and the present number of running attempts; null: unknown. */
  estimate(run: RunState): number | null {
    if (run.executing === 0) return null;
    let remaining = this.#remaining.get(run.treeId);
    if (remaining === undefined) this.#remaining.set(run.treeId, (remaining = countRemaining(run)));
    let workMs = 0;
    for (const [type, count] of remaining) {
      const average = this.#averages.get(type);
      if (count > 0 && average === undefined) return null;
      workMs += count * (average ?? 0);
    }
    return Math.round(workMs / run.executing);
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

/** The progress of a run in memory. */
export function progressOf(run: RunState, etaMs: number | null): RunProgress {
  const { treeId, seq, status, counts, selectedCount } = run;
  return {
    treeId,
    seq,
    status,
    total: selectedCount,
    counts: { ...counts },
    fraction: fractionOf(counts, selectedCount),
    etaMs,
  };
}

/** The progress of a stored run. */
export function progressOfRecord(tree: TreeRecord): RunProgress {
  const { treeId, seq, status, counts } = tree;
  const total = TASK_STATUSES.reduce((sum, each) => sum + counts[each], 0);
  return { treeId, seq, status, total, counts, fraction: fractionOf(counts, total), etaMs: null };
}

function fractionOf(counts: RunState['counts'], total: number): number {
  if (total === 0) return 0;
  const { completed, failed, skipped, cancelled } = counts;
  return (completed + failed + skipped + cancelled) / total;
}

/** The running tasks of a run in memory. */
export function runningTasksOf(run: RunState): readonly TaskState[] {
  return run.executing === 0 ? [] : run.tasks.filter((task) => task.status === 'running' && task.group === undefined);
}
