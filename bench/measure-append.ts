/** One append of many events to a SQLite store, with the rows they change. Parameters: `normal` or `full`, events. */
import { appendOf, type RunEvent, type TreeId } from '@coppice/core';
import { complete, createRun, decided } from './coppice/bare-run.ts';
import { toSubmission } from './coppice/coppice-subject.ts';
import { createStore } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';
import { independent } from './workload.ts';

const REPEATS = 5;

export async function measureAppend({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const store = createStore(parameters[0] === 'full' ? 'full' : 'normal', dir);
  const count = countOf(parameters, 1);
  await store.open();
  const samples: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const { run, event } = createRun(toSubmission(independent(count / 2), 0), `bench-${repeat}` as TreeId);
    const first = [event, ...decided(run, { type: 'execute' })];
    await store.append([appendOf(run, first)]);
    const tasks = run.tasks.filter((task) => task.status === 'ready');
    const events: RunEvent[] = [...decided(run, { type: 'start', taskIds: tasks.map(({ id }) => id) })];
    for (const task of tasks) events.push(...complete(run, task));
    const startedMs = performance.now();
    await store.append([appendOf(run, events, tasks)]);
    samples.push(performance.now() - startedMs);
  }
  await store.close();
  const ms = quantile(sorted(samples), 0.5);
  return { ms, eventsPerSecond: (count / ms) * 1000 };
}
