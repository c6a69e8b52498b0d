/** Progress of a run, from counters that change with each event. */
import {
  countsBelow,
  isExecuting,
  isTerminal,
  rollUpsOf,
  TASK_STATUSES,
  watchRollUps,
  type RunState,
  type StatusCounts,
  type TaskId,
  type TaskState,
  type TreeRecord,
} from '@coppice/core';
import type { GroupProgress, RunProgress, TimeLeft } from './shown-run.ts';

/** The progress of a run in memory. */
export function progressOf(run: RunState, timeLeft: TimeLeft | null): RunProgress {
  const { treeId, seq, status, counts, selectedCount } = run;
  return {
    treeId,
    seq,
    status,
    total: selectedCount,
    counts: { ...counts },
    fraction: fractionOf(counts, selectedCount),
    etaMs: timeLeft?.etaMs ?? null,
    etaBasis: timeLeft?.basis ?? null,
  };
}

/** The progress of a stored run. */
export function progressOfRecord(tree: TreeRecord): RunProgress {
  const { treeId, seq, status, counts } = tree;
  const total = totalOf(counts);
  return { treeId, seq, status, total, counts, fraction: fractionOf(counts, total), etaMs: null, etaBasis: null };
}

/** How far the tasks below each of these are; those that there are not are left out. They are kept up to date from then on. */
export function watchedGroups(run: RunState, ids: readonly TaskId[]): readonly GroupProgress[] {
  watchRollUps(run);
  return groupsOf(run, ids);
}

/** How far the tasks below each of these are; those that there are not are left out. */
export function groupsOf(run: RunState, ids: readonly TaskId[]): readonly GroupProgress[] {
  return ids.flatMap((id) => {
    const task = run.byId.get(id);
    return task === undefined ? [] : [groupProgress(task, countsBelow(run, task))];
  });
}

/** How far the tasks below every task are that has children. */
export function allGroupsOf(run: RunState): readonly GroupProgress[] {
  return [...(run.rollUps ?? rollUpsOf(run))].map(([task, counts]) => groupProgress(task, { ...counts }));
}

function groupProgress({ id, status }: TaskState, counts: StatusCounts): GroupProgress {
  const total = totalOf(counts);
  return { taskId: id, total, counts, fraction: total === 0 && isTerminal(status) ? 1 : fractionOf(counts, total) };
}

function totalOf(counts: StatusCounts): number {
  return TASK_STATUSES.reduce((sum, each) => sum + counts[each], 0);
}

function fractionOf(counts: RunState['counts'], total: number): number {
  if (total === 0) return 0;
  const { completed, failed, skipped, cancelled } = counts;
  return (completed + failed + skipped + cancelled) / total;
}

/** The running tasks of a run in memory. */
export function runningTasksOf(run: RunState): readonly TaskState[] {
  return run.executing === 0 ? [] : run.tasks.filter(isExecuting);
}
