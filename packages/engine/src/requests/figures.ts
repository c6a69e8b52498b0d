/** Figures of a run, worked out when somebody asks (R-PR-11). */
import { isTerminal, type RunState, type TaskState } from '@coppice/core';
import type { RunFigures, RunQueue } from '../shown-run.ts';
import type { DurationEstimates } from '../estimates.ts';
import { progressOf } from '../progress.ts';

export function figuresOf(run: RunState, estimates: DurationEstimates, nowMs: number): RunFigures {
  const queues = new Map<string, { -readonly [Field in keyof RunQueue]: RunQueue[Field] }>();
  let completed = 0;
  let completedMs = 0;
  for (const task of run.tasks) {
    const { executor } = task.definition;
    if (executor === undefined || !task.selected || task.deleted) continue;
    const tookMs = timeOf(task);
    if (tookMs !== undefined) {
      completed += 1;
      completedMs += tookMs;
    }
    const queue = queues.get(executor) ?? {
      executor,
      ready: 0,
      running: 0,
      open: 0,
      averageMs: estimates.averageMs(executor),
    };
    queues.set(executor, queue);
    if (isTerminal(task.status)) continue;
    queue.open += 1;
    if (task.status === 'ready' || task.status === 'running') queue[task.status] += 1;
  }
  const { startedAtMs, endedAtMs } = run;
  return {
    progress: progressOf(run, estimates.estimate(run)),
    tookMs: startedAtMs === undefined ? null : Math.max((endedAtMs ?? nowMs) - startedAtMs, 0),
    averageTaskMs: completed === 0 ? null : completedMs / completed,
    queues: [...queues.values()],
  };
}

/** Time of the last attempt of a task that this run has completed. */
function timeOf({ status, reused, startedAtMs, endedAtMs }: TaskState): number | undefined {
  if (status !== 'completed' || reused || startedAtMs === undefined || endedAtMs === undefined) return undefined;
  return endedAtMs - startedAtMs;
}
