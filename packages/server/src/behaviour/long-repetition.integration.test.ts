/** A repetition that goes on for long: what its copies were is in the log, and memory holds the last ones only. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { start } from './bench.fixture.ts';
import { ManualClock } from './manual-clock.fixture.ts';

const COPIES = 4_000;
/** Copies before the first look: until then lists and tables grow to their size, and code is compiled. */
const FIRST_LOOK = 1_000;
/** A copy with a wait takes some 2 KB while it is there. */
const LEFT_PER_COPY_MAX = 150;

it('with a wait in each copy leaves nothing in memory of those that have ended', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const clock = new ManualClock();
  const bench = await start({ clock });
  const heapBytes: number[] = [];
  let copies = 0;
  bench.engine.subscribe(
    {},
    {
      event: (_treeId, { type }) => {
        if (type !== 'WaitStarted') return;
        copies++;
        if (copies === FIRST_LOOK || copies === COPIES) {
          collect();
          heapBytes.push(process.memoryUsage().heapUsed);
        }
        setImmediate(() => clock.advance(1_000));
      },
    },
  );
  const tree = await bench.begin([
    { name: 'root' },
    { name: 'poll', parentId: 'root', wait: { forMs: 1_000 }, repeat: { max: COPIES, onLimit: 'complete' } },
  ]);
  expect(await bench.settled(tree)).toBe('completed');
  expect(copies).toBe(COPIES);
  const [first = 0, last = 0] = heapBytes;
  expect((last - first) / (COPIES - FIRST_LOOK)).toBeLessThan(LEFT_PER_COPY_MAX);
  // Some of the last copies can still be looked at.
  expect((await bench.store.listTasks(tree.treeId)).length).toBeLessThan(COPIES / 10);
});
