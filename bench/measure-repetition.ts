/**
 * A repetition that goes on for long, with a wait in each copy. Parameters: store mode, copies. Memory is looked at after a collection, when
 * a tenth of the copies has run and again at the last one.
 */
import type { Executor } from '@coppice/core';
import { runTree } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';

const WAIT_MS = 1;

export async function measureRepetition({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === parameters[0]);
  if (mode === undefined) throw new Error(`No store mode "${parameters[0]}"`);
  const count = countOf(parameters, 1);
  const heapBytes: number[] = [];
  let copies = 0;
  const executor: Executor = {
    type: 'witness',
    description: 'Does nothing.',
    effects: 'pure',
    execute: () => {
      copies++;
      if (copies === Math.ceil(count / 10) || copies === count) {
        globalThis.gc?.();
        heapBytes.push(process.memoryUsage().heapUsed);
      }
      return Promise.resolve(copies);
    },
  };
  const { engine, close } = await openEngine(createStore(mode, dir), [executor]);
  const processorBefore = process.cpuUsage();
  await runTree(engine, {
    tasks: [
      { name: 'all' },
      { name: 'copy', parentId: 'all', repeat: { max: count, onLimit: 'complete' } },
      { name: 'wait', parentId: 'copy', wait: { forMs: WAIT_MS } },
      { name: 'work', parentId: 'copy', executor: 'witness', dependencies: ['wait'] },
    ],
  });
  const { user, system } = process.cpuUsage(processorBefore);
  await close();
  if (copies !== count) throw new Error(`${copies} copies have run, not ${count}`);
  const [early = 0, last = 0] = heapBytes;
  return {
    processorUsPerCopy: (user + system) / count,
    heapMiB: last / 2 ** 20,
    heapBytesPerCopy: (last - early) / (count * 0.9),
  };
}
