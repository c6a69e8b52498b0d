/**
 * Starting on what a killed process left: trees of 6 whose first task was running. Parameters: trees.
 * The killed process is a copy of the files of an engine that is still in the middle of its work.
 */
import type { Executor } from '@coppice/core';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toSubmission, valueOf } from './coppice/coppice-subject.ts';
import { createStore, openEngine } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { fan, inLanes, type WorkTask } from './workload.ts';

const FILES = ['coppice.db', 'coppice.db-wal'];

export async function measureRecovery({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const count = countOf(parameters, 0);
  const [before, after] = [join(dir, 'before'), join(dir, 'after')];
  mkdirSync(after);
  const left = await openEngine(createStore('normal', before), [endless()]);
  const submission = toSubmission(fan({ trees: 1, width: 4, concurrency: 4 }).trees[0] as readonly WorkTask[], 4);
  await inLanes(count, 50, async () => {
    const treeId = valueOf(await left.engine.create(submission, { userId: 'bench' }));
    valueOf(await left.engine.execute(treeId));
  });
  while (left.engine.running().length < count) await new Promise((resolve) => setImmediate(resolve));
  for (const file of FILES) cpSync(join(before, file), join(after, file));
  const store = createStore('normal', after);
  const startedMs = performance.now();
  const { engine } = await openEngine(store, [endless()]);
  const startMs = performance.now() - startedMs;
  const { activeRuns } = await engine.health();
  if (activeRuns !== count) throw new Error(`${activeRuns} of ${count} runs go on`);
  return { startMs, usPerTree: (startMs * 1000) / count };
}

function endless(): Executor {
  return {
    type: 'witness',
    description: 'Never ends.',
    effects: 'pure',
    execute: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      }),
  };
}
