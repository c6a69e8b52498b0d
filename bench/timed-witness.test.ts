import { expect, test } from 'vitest';
import { TimedWitness } from './timed-witness.ts';
import { createWorkload } from './workload.ts';

test('tasks in a row count one after the other, tasks at once count once', async () => {
  const row = createWorkload('W5b', true);
  const inRow = new TimedWitness(row);
  for (const { name } of row.trees[0] ?? []) await inRow.execute(0, name);
  const atOnce = createWorkload('W5', true);
  const parallel = new TimedWitness(atOnce);
  await Promise.all((atOnce.trees[0] ?? []).map(({ name }) => parallel.execute(0, name)));
  // Timers never fire early by more than their rounding.
  expect(inRow.criticalPathMs()).toBeGreaterThan(3 * (row.sleepMs - 1));
  expect(parallel.criticalPathMs()).toBeGreaterThan(atOnce.sleepMs - 1);
  expect(parallel.criticalPathMs()).toBeLessThan(inRow.criticalPathMs());
});
