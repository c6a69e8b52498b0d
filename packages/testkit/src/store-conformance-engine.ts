/** Conformance: the stream of the engine itself. */
import type { EngineEvent, StreamAppend } from '@coppice/core';
import { describe, expect, test } from 'vitest';
import { flatTree, storedTree, stores, testRun } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

function event(seq: number): EngineEvent {
  const target = { of: 'tag', name: `tag ${seq}` } as const;
  return {
    type: 'HoldSet',
    seq,
    atMs: 1_000 + seq,
    actor: { userId: 'ann', face: 'page' },
    data: { target, reason: 'because' },
  };
}

function changeOfItself(seq: number): EngineEvent {
  return { type: 'BreakerClosed', seq, atMs: 1_000 + seq, actor: undefined, data: { breaker: 'breaker:http' } };
}

const part = (expectedSeq: number, ...seqs: readonly number[]): StreamAppend => ({
  kind: 'engine',
  expectedSeq,
  events: seqs.map(event),
});

export function describeEngineStream(harness: StoreHarness): void {
  describe('stream of the engine', () => {
    const open = stores(harness);

    test('is read as it was appended, page by page, beside the trees of the same append', async () => {
      const store = await open();
      const run = testRun(flatTree('a', ['one']));
      expect(await store.append([part(0, 1, 2), run.part(), part(2, 3)])).toEqual([]);
      expect(await store.readEngineEvents(0, 2)).toEqual([event(1), event(2)]);
      expect(await store.readEngineEvents(2, 10)).toEqual([event(3)]);
      expect(await store.readEngineEvents(3, 10)).toEqual([]);
      expect(await store.readEvents(run.treeId, 0, 10)).toEqual(run.events);
      await store.close();
      await store.open();
      expect(await store.readEngineEvents(0, 10)).toHaveLength(3);
    });

    test('keeps events that nobody has caused', async () => {
      const store = await open();
      expect(await store.append([{ kind: 'engine', expectedSeq: 0, events: [changeOfItself(1)] }])).toEqual([]);
      expect(await store.readEngineEvents(0, 10)).toEqual([changeOfItself(1)]);
    });

    test('a part that does not continue it is refused; the others are stored', async () => {
      const store = await open();
      const tree = await storedTree(store, 'a');
      tree.command({ type: 'execute' });
      const refused = await store.append([part(0, 2), part(1, 2), tree.part(), part(0, 1)]);
      expect(refused.map(({ part: at, code }) => [at, code])).toEqual([
        [0, 'storage/conflict'],
        [1, 'storage/conflict'],
      ]);
      expect(await store.readEngineEvents(0, 10)).toEqual([event(1)]);
      expect(await store.append([part(0, 1)])).toMatchObject([{ code: 'storage/conflict' }]);
      expect(await store.append([part(1)])).toMatchObject([{ code: 'storage/conflict' }]);
      expect(await store.readEvents(tree.treeId, 0, 10)).toEqual(tree.events);
    });

    test('negative and broken numbers are refused', async () => {
      const store = await open();
      await expect(store.readEngineEvents(-1, 10)).rejects.toThrow('afterSeq');
      await expect(store.readEngineEvents(0, 0.5)).rejects.toThrow('0.5');
    });
  });
}
