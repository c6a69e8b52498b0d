/**
 * One turn of the scheduler: a task completes, its place is given back, the next one is picked among those that are ready,
 * and its start is decided. Parameters: ready tasks. All gates have limits.
 */
import { Admission, LimitGates, type TaskState } from '@coppice/core';
import { complete, CONTEXT, createRun, decided } from './coppice/bare-run.ts';
import { toSubmission } from './coppice/coppice-subject.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';
import { fan, type WorkTask } from './workload.ts';

const PLACES = 100;
const TURNS = 20_000;

export async function measureDecisions({ parameters }: MeasurementContext): Promise<Figures> {
  const ready = countOf(parameters, 0);
  const tasks = fan({ trees: 1, width: ready, concurrency: PLACES }).trees[0] as readonly WorkTask[];
  const { run } = createRun(toSubmission(tasks, PLACES), 'bench');
  const admission = new Admission({
    gates: new LimitGates(
      { global: PLACES, perTree: PLACES, perUser: 1, executors: { witness: PLACES } },
      () => undefined,
    ),
    ageingMs: 10_000,
  });
  const { nowMs } = CONTEXT;
  const enqueue = (task: TaskState): void => admission.enqueue(run, task, nowMs);
  const running: TaskState[] = [];
  const start = (max: number): void => {
    const picked = admission.pick(nowMs, max).picked.map(({ task }) => task);
    decided(run, { type: 'start', taskIds: picked.map(({ id }) => id) });
    running.push(...picked);
  };
  decided(run, { type: 'execute' });
  for (const task of run.tasks) if (task.status === 'ready') enqueue(task);
  start(1);
  const first = running.pop() as TaskState;
  complete(run, first);
  admission.release(run, first);
  for (const task of run.tasks) if (task.status === 'ready') enqueue(task);
  start(PLACES);
  const turnsUs: number[] = [];
  for (let turn = 0; turn < Math.min(TURNS, ready - PLACES); turn++) {
    const task = running.shift() as TaskState;
    const startedMs = performance.now();
    complete(run, task);
    admission.release(run, task);
    start(1);
    turnsUs.push((performance.now() - startedMs) * 1000);
  }
  const ordered = sorted(turnsUs);
  return { p50Us: quantile(ordered, 0.5), p99Us: quantile(ordered, 0.99), maxUs: ordered.at(-1) ?? NaN };
}
