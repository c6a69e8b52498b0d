import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { measureOnce, type Measure } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { SUBJECTS } from './subjects.ts';
import { Witness } from './witness.ts';
import { createWorkload } from './workload.ts';

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'coppice-bench-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test.each(SUBJECTS.map((subject) => [subject.name, subject] as const))(
  '%s runs every workload as the witness demands, and stores each result once',
  async (_name, subject) => {
    const open = await subject.open(await newDir(), 'W1');
    let executions = 0;
    for (const name of ['W1', 'W2', 'W3', 'W4', 'W5', 'W5b'] as const) {
      const workload = createWorkload(name, true);
      const witness = new Witness(workload);
      await open.run(workload, witness);
      witness.check();
      executions += witness.executions;
    }
    const stored = await open.countStored?.();
    await open.close();
    expect(stored).toBe(open.countStored === undefined ? undefined : executions);
  },
);

test.each([
  ['workload', 'floor-memory', 'W1'],
  ['latency', 'coppice-memory'],
  ['decisions', '300'],
  ['growth', 'normal', 'one', '500'],
  ['growth', 'memory', 'many', '500'],
  ['creation', 'memory', '500'],
  ['replay', '50'],
  ['append', 'normal', '500'],
  ['listing', '2000'],
  ['recovery', '20'],
  ['subscriptions', 'memory', 'replay'],
  ['rpc', 'coppice', 'single', '200'],
  ['rpc', 'bare', 'web-socket', '200'],
  ['executors', 'command', 'coppice', '20'],
  ['executors', 'http', 'bare', '20'],
])('the measurement %s answers figures', async (name, ...parameters) => {
  const figures = await measureOnce(MEASUREMENTS[name] as Measure, { dir: await newDir(), parameters });
  expect(Object.keys(figures)).not.toEqual([]);
  expect(Object.entries(figures).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
});
