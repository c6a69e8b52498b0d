/** Conformance: what tasks wrote. */
import { describe, expect, test } from 'vitest';
import type { LogChunk, LogScope, Store, WrittenLine } from '@coppice/core';
import { removeTree, stores, storedTree, taskId } from './store-conformance-runs.ts';
import type { StoreHarness } from './store-conformance.ts';

const TREE = taskId('a');
const ALL = Number.MAX_SAFE_INTEGER;

const line = (text: string, more: Partial<WrittenLine> = {}): WrittenLine => ({
  atMs: 1_000,
  stream: 'stdout',
  text,
  ...more,
});

function chunk(task: string, texts: readonly string[], more: Partial<LogChunk> = {}): LogChunk {
  const lines = texts.map((text, at) => line(text, { atMs: 1_000 + at }));
  return { treeId: TREE, taskId: taskId(task), attempt: 1, firstNumber: 1, lines, ...more };
}

interface Part extends Partial<LogScope> {
  readonly limit?: number;
}

async function textsOf(store: Store, { limit = ALL, ...scope }: Part = {}, afterOffset = 0): Promise<string[]> {
  const lines = await store.readLogs({ treeId: TREE, ...scope }, afterOffset, limit);
  return lines.map(({ text }) => text);
}

export function describeLogs(harness: StoreHarness): void {
  describe('what tasks wrote', () => {
    const open = stores(harness);

    test('R-OB-08: lines come back as they were written, with their place in the tree and in their attempt', async () => {
      const store = await open();
      await storedTree(store, 'a');
      const odd = [line('', { stream: 'stderr' }), line('\u001b[31mü\u{1f333}\t"', { atMs: 999, stream: 'log' })];
      await store.appendLogs([chunk('x', ['1', '2']), chunk('y', [], { lines: odd, attempt: 3 })]);
      await store.appendLogs([chunk('x', ['3'], { firstNumber: 3 })]);
      expect(await store.readLogs({ treeId: TREE }, 0, ALL)).toEqual([
        { ...line('1'), taskId: 'x', attempt: 1, offset: 1, number: 1 },
        { ...line('2', { atMs: 1_001 }), taskId: 'x', attempt: 1, offset: 2, number: 2 },
        { ...odd[0], taskId: 'y', attempt: 3, offset: 3, number: 1 },
        { ...odd[1], taskId: 'y', attempt: 3, offset: 4, number: 2 },
        { ...line('3'), taskId: 'x', attempt: 1, offset: 5, number: 3 },
      ]);
    });

    test('R-OB-08: a reader goes on after any offset, of a tree, a task or an attempt', async () => {
      const store = await open();
      await storedTree(store, 'a');
      await storedTree(store, 'b');
      await store.appendLogs([
        chunk('x', ['x1', 'x2', 'x3']),
        chunk('y', ['y1']),
        chunk('x', ['again'], { attempt: 2 }),
        chunk('x', ['other'], { treeId: taskId('b') }),
      ]);
      const whole = ['x1', 'x2', 'x3', 'y1', 'again'];
      for (let after = 0; after <= whole.length; after++) {
        expect(await textsOf(store, {}, after)).toEqual(whole.slice(after));
        expect(await textsOf(store, { limit: 2 }, after)).toEqual(whole.slice(after, after + 2));
      }
      const last = (count: number, scope: Partial<LogScope> = {}): Promise<number> =>
        store.offsetBeforeLast({ treeId: TREE, ...scope }, count);
      for (let count = 0; count <= whole.length; count++)
        expect(await textsOf(store, {}, await last(count))).toEqual(whole.slice(whole.length - count));
      expect(await textsOf(store, { taskId: taskId('x') }, await last(2, { taskId: taskId('x') }))).toEqual([
        'x3',
        'again',
      ]);
      expect([await last(99), await last(1, { taskId: taskId('z') })]).toEqual([0, 0]);
      expect(await textsOf(store, { taskId: taskId('x') }, 2)).toEqual(['x3', 'again']);
      expect(await textsOf(store, { taskId: taskId('x') }, 3)).toEqual(['again']);
      expect(await textsOf(store, { taskId: taskId('x'), attempt: 1 }, 1)).toEqual(['x2', 'x3']);
      expect(await textsOf(store, { taskId: taskId('y') })).toEqual(['y1']);
      expect(await textsOf(store, { taskId: taskId('z') })).toEqual([]);
      expect(await textsOf(store, { limit: 0 })).toEqual([]);
      expect(await textsOf(store, { treeId: taskId('c') })).toEqual([]);
    });
  });
  describeDropping(harness);
}

function describeDropping(harness: StoreHarness): void {
  describe('what tasks wrote, when it goes', () => {
    const open = stores(harness);

    test('R-OB-08: the oldest chunks go, offsets and numbers stay', async () => {
      const store = await open();
      await storedTree(store, 'a');
      await store.appendLogs([chunk('x', ['aaaa']), chunk('y', ['bbbb']), chunk('x', ['cccc'], { firstNumber: 2 })]);
      expect(await store.trimLogs({ treeId: TREE }, 100)).toBe(12);
      expect(await store.trimLogs({ treeId: TREE, taskId: taskId('x'), attempt: 1 }, 7)).toBe(4);
      expect(await textsOf(store)).toEqual(['bbbb', 'cccc']);
      expect(await store.trimLogs({ treeId: TREE }, 0)).toBe(4);
      await store.appendLogs([chunk('x', ['dd'], { firstNumber: 3 })]);
      const rest = await store.readLogs({ treeId: TREE }, 0, ALL);
      expect(rest.map(({ offset, number, text }) => [offset, number, text])).toEqual([
        [3, 2, 'cccc'],
        [4, 3, 'dd'],
      ]);
      expect(await store.trimLogs({ treeId: taskId('unknown') }, 0)).toBe(0);
    });

    test('R-CP-05: they go with their tree, and a tree that is gone gets none', async () => {
      const store = await open();
      await storedTree(store, 'a');
      await store.appendLogs([chunk('x', ['1'])]);
      await removeTree(store, TREE);
      await store.appendLogs([chunk('x', ['2'])]);
      expect(await textsOf(store)).toEqual([]);
      await storedTree(store, 'a');
      expect(await textsOf(store)).toEqual([]);
    });
  });
}
