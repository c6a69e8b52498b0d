import { foldEvents } from '@coppice/client';
import type { RunView } from '@coppice/client';
import { expect, it } from 'vitest';
import { canonical, comparedSide, compareRuns } from './compare-runs.ts';
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

it('shows an unedited copy without any difference but times, which stand apart', () => {
  const tree = { root: [null], a: ['root'], b: ['root', 'a'] } as const;
  const origin = foldEvents(logOf(tree, [...done('a', { x: 1, y: 2 }), ...done('b', 2)]));
  const renamed = { r: [null], a2: ['r'], b2: ['r', 'a2'] } as const;
  const copy = copyOf(renamed, { r: 'root', a2: 'a', b2: 'b' }, [
    ...done('a2', { y: 2, x: 1 }),
    ['TaskStarted', 'b2', { attempt: 1, input: {} }],
    ['TaskProgressed', 'b2', { attempt: 1, fraction: 0.5 }],
    ['TaskCompleted', 'b2', { attempt: 1, output: 2 }],
  ]);
  for (const task of copy.tasks.values()) {
    const original = origin.tasks.get(task.definition.originalTaskId ?? '');
    task.definition = { ...task.definition, name: original?.definition.name ?? '' };
  }
  const rows = compareRuns(origin, copy);
  expect(rows.flatMap(({ differences }) => differences)).toEqual([]);
  const [before, after] = (['origin', 'copy'] as const).map(
    (side) => comparedSide(rows, side) as { tasks: unknown; times: unknown },
  );
  expect(JSON.stringify(after?.tasks)).toBe(JSON.stringify(before?.tasks));
  expect(after?.times).not.toEqual(before?.times);
});

it('shows tasks that were reused as they were defined, and names those that were not copied', () => {
  const origin = foldEvents(
    logOf({ root: [null], a: ['root'], b: ['root', 'a'], c: ['root', 'b'] }, [
      ...done('a', 1),
      ...done('b', 2),
      ...done('c', 3),
    ]),
  );
  const names = { r: 'root', b2: 'b', c2: 'c' };
  const copy = copyOf({ r: [null], b2: ['r'], c2: ['r', 'b2'] }, names, [...done('b2', 2), ...done('c2', 3)]);
  for (const task of copy.tasks.values()) {
    const name = names[task.id as keyof typeof names];
    task.definition = { ...task.definition, name };
  }
  const reused = copy.tasks.get('b2')!;
  reused.isReused = true;
  reused.definition = { ...reused.definition, inputs: { a: 1 } };
  const rows = compareRuns(origin, copy);
  const sides = (['origin', 'copy'] as const).map((side) => {
    const { tasks, notCopied } = comparedSide(rows, side) as { tasks: unknown; notCopied: unknown };
    return JSON.stringify({ tasks, notCopied });
  });
  expect(sides[1]).toBe(sides[0]);
  expect(sides[0]).toContain('"notCopied":["a"]');
  // A task that a person took out of the copy is a difference.
  copy.tasks.get('c2')!.isDeleted = true;
  const edited = compareRuns(origin, copy);
  expect(JSON.stringify(comparedSide(edited, 'origin'))).toContain('"task":"c"');
  expect(JSON.stringify(comparedSide(edited, 'copy'))).not.toContain('"task":"c"');
});

it('compares values whatever the order of their members', () => {
  expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});
