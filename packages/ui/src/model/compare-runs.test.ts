import { foldEvents } from '@coppice/client';
import type { RunView } from '@coppice/client';
import { expect, it } from 'vitest';
import { canonical, compareRuns } from './compare-runs.ts';
import { logOf } from './run.fixture.ts';
import type { Happening, TreeText } from './run.fixture.ts';

const done = (id: string, output: unknown): Happening[] => [
  ['TaskStarted', id, { attempt: 1, input: {} }],
  ['TaskCompleted', id, { attempt: 1, output }],
];

/** A run whose tasks say what they are copies of. */
function copyOf(tree: TreeText, originals: Record<string, string>, happenings: readonly Happening[]): RunView {
  const view = foldEvents(logOf(tree, happenings));
  for (const task of view.tasks.values()) {
    const originalTaskId = originals[task.id];
    if (originalTaskId !== undefined) task.definition = { ...task.definition, originalTaskId };
  }
  return view;
}

it('names what differs between a copy and its origin, task by task', () => {
  const origin = foldEvents(
    logOf({ root: [null], a: ['root'], b: ['root', 'a'], c: ['root', 'b'] }, [
      ...done('a', 1),
      ...done('b', { x: 1, y: 2 }),
    ]),
  );
  const copy = copyOf({ r: [null], a2: ['r'], b2: ['r', 'a2'], d: ['r'] }, { r: 'root', a2: 'a', b2: 'b' }, [
    ...done('a2', 7),
    ...done('b2', { y: 2, x: 1 }),
  ]);
  const rows = compareRuns(origin, copy);
  expect(rows.map(({ name, differences }) => [name, ...differences])).toEqual([
    ['r'],
    ['a2', 'output'],
    ['b2'],
    ['d', 'structure'],
    ['c', 'structure'],
  ]);
  expect(rows[1]?.durationMs).toEqual({ origin: 1000, copy: 1000 });
  expect(rows.at(-1)?.copy).toBeUndefined();
});

it('compares values whatever the order of their members', () => {
  expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});
