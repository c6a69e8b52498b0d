/** What a pick costs with very many ready tasks, gates and users. */
import { expect, it } from 'vitest';
import { processorMs } from '../growth.fixture.ts';
import type { RunState } from '../run/state.ts';
import { readyRun } from './admission.fixture.ts';
import { Admission } from './admission.ts';
import { LimitGates } from './limit-gates.ts';

interface Size {
  readonly users: number;
  readonly gates: number;
  readonly tasks: number;
}

/** A tree for each user; each task holds one of the locks, a rate, and a place of a tag and of its executor. */
function runsOf({ users, gates, tasks }: Size): readonly RunState[] {
  const perUser = tasks / users;
  return Array.from({ length: users }, (_, user) => {
    const run = readyRun({
      id: `t${user}`,
      userId: `u${user}`,
      tasks: Array.from({ length: perUser }, () => [2, 'work', { tags: ['all'] }] as const),
    });
    for (const [index, task] of run.tasks.slice(1).entries()) {
      const lock = `l${(user * perUser + index) % gates}`;
      task.demands = { locks: [lock], rates: ['r'], resources: {}, key: `${lock} r` };
    }
    return run;
  });
}

/** Processor time that it takes to start and end all tasks, ms. */
function costOf(size: Size): number {
  const rates = { r: { count: 1_000_000, perMs: 1 } };
  const limits = { global: 200, executors: { work: 150 }, tags: { all: 100 }, rates, perUser: 5 };
  const admission = new Admission({ gates: new LimitGates(limits, () => undefined), ageingMs: 1_000_000 });
  for (const run of runsOf(size)) for (const task of run.tasks.slice(1)) admission.enqueue(run, task, 0);
  return processorMs(() => {
    let nowMs = 0;
    for (let picked = 0; picked < size.tasks; nowMs++) {
      const some = admission.pick(nowMs, 100).picked;
      picked += some.length;
      for (const { run, task } of some) {
        task.status = 'completed';
        admission.release(run, task);
      }
    }
  });
}

it('grows with the logarithm: 100,000 ready tasks, 10,000 gates and 1,000 users cost little more each than a tenth of them (R-LM-13)', () => {
  const small = { users: 100, gates: 1_000, tasks: 10_000 };
  // What runs for the first time is compiled while it runs.
  costOf(small);
  const growth = costOf({ users: 1_000, gates: 10_000, tasks: 100_000 }) / costOf(small);
  // Ten times the tasks: a pick that looks at all gates or queues would make it a hundred.
  expect(growth).toBeLessThan(40);
});
