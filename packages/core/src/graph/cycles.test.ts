import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycles as findCyclesIn, isDeclaredInOrder } from './cycles.ts';
import { createWaitGraph, nearestGroups as nearestGroupsIn } from './wait-graph.ts';

interface WaitingTask {
  readonly parent: number;
  readonly isGroup: boolean;
  readonly sources: readonly number[];
}

function linksOf(tasks: readonly WaitingTask[]) {
  return {
    parents: tasks.map(({ parent }) => parent),
    isGroup: (position: number): boolean => tasks[position]?.isGroup === true,
    sources: tasks.map(({ sources }) => sources),
  };
}

function findCycles(tasks: readonly WaitingTask[]): readonly (readonly number[])[] {
  return findCyclesIn(createWaitGraph(linksOf(tasks)));
}

function nearestGroups(tasks: readonly WaitingTask[]): Int32Array {
  const { parents, isGroup } = linksOf(tasks);
  return nearestGroupsIn(parents, isGroup);
}

const task = (parent: number, sources: readonly number[] = []): WaitingTask => ({ parent, isGroup: false, sources });
const group = (parent: number, sources: readonly number[] = []): WaitingTask => ({ parent, isGroup: true, sources });

const anyTasks = fc
  .array(fc.record({ parent: fc.nat(), isGroup: fc.boolean(), sources: fc.array(fc.nat(), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((seeds) =>
    seeds.map(({ parent, isGroup, sources }, index) => ({
      parent: index === 0 ? -1 : parent % index,
      isGroup,
      sources: sources.map((source) => source % seeds.length),
    })),
  );

function inOrder(tasks: readonly WaitingTask[]): boolean {
  return isDeclaredInOrder({
    parents: Int32Array.from(tasks, ({ parent }) => parent),
    isGroup: (position) => tasks[position]?.isGroup === true,
    dependencies: tasks.map(({ sources }) => sources.map((source) => ({ source }))),
  });
}

describe('findCycles (R-TV-02)', () => {
  it('finds nothing in parents that wait for children, and children that wait for parents', () => {
    expect(findCycles([task(-1, [1]), task(0)])).toEqual([]);
    expect(findCycles([task(-1), task(0, [0])])).toEqual([]);
  });

  it('takes a dependency on a group for one on all its members', () => {
    expect(findCycles([group(-1), task(0, [0])])).toEqual([[0, 1]]);
    // 1 and 2 are groups of one task each; each task waits for the other's group.
    expect(findCycles([group(-1), group(0), group(0), task(1, [2]), task(2, [1])])).toEqual([[1, 3, 2, 4]]);
    expect(findCycles([group(-1), group(0), group(0), task(1, [2]), task(2)])).toEqual([]);
  });

  it('lets a dependency of a group gate all its members, nested', () => {
    // Group 1 holds group 2 holds 3; 4 waits for 3, group 1 waits for 4.
    expect(findCycles([group(-1), group(0, [4]), group(1), task(2), task(0, [3])])).toEqual([[1, 4, 3, 2]]);
    expect(findCycles([group(-1), group(0, [1])])).toEqual([[1]]);
    expect(findCycles([group(-1), group(0, [2]), task(1)])).toEqual([[1, 2]]);
  });

  it('looks through a parent with an executor to the nearest group', () => {
    const tasks = [group(-1), task(0), task(1, [0])];
    expect([...nearestGroups(tasks)]).toEqual([-1, 0, 0]);
    expect(findCycles(tasks)).toEqual([[0, 2]]);
    // 1 has an executor: depending on it does not wait for its child 2.
    expect(findCycles([group(-1), task(0), task(1, [3]), task(0, [1])])).toEqual([]);
  });

  it('names a group once where its opening and its end are on the way', () => {
    // 1 waits for 3, 3 waits for 1: a member of 1 need not be named.
    expect(findCycles([group(-1), group(0, [3]), task(1), task(0, [1])])).toEqual([[1, 3]]);
    // The same, found from a task before them.
    expect(findCycles([group(-1), task(2), group(0, [3]), task(0, [2])])).toEqual([[2, 3]]);
  });

  it('names a short cycle, one for every knot, in declared order', () => {
    expect(findCycles([task(-1, [1]), task(0, [2, 0]), task(0, [0]), task(0, [4]), task(0, [3, 0])])).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });

  it('knows trees that were declared in order without a search', () => {
    expect(inOrder([group(-1), task(0), task(0, [1]), group(0, [2]), task(3)])).toBe(true);
    expect(inOrder([group(-1), group(0), task(1), task(0, [1])])).toBe(true);
    // A later task, a group that goes on later, a parent that comes later.
    expect(inOrder([group(-1), task(0, [2]), task(0)])).toBe(false);
    expect(inOrder([group(-1), group(0), task(0, [1]), task(1)])).toBe(false);
    expect(inOrder([task(1), group(-1)])).toBe(false);
    expect(inOrder([group(-1), task(0, [0])])).toBe(false);
    fc.assert(
      fc.property(anyTasks, (tasks) => {
        fc.pre(inOrder(tasks));
        expect(findCycles(tasks)).toEqual([]);
      }),
    );
  });

  it('answers cycles whose every link is a wait, and answers some exactly when there is one', () => {
    fc.assert(
      fc.property(anyTasks, (tasks) => {
        const cycles = findCycles(tasks);
        expect(cycles.length > 0).toBe(canNotFinish(tasks));
        for (const cycle of cycles) {
          expect(new Set(cycle).size).toBe(cycle.length);
          for (const [at, position] of cycle.entries()) {
            expect(isLink(tasks, position, cycle[(at + 1) % cycle.length]!)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Plays the tree: starts what may start until nothing moves. An independent reading of the rules. */
function canNotFinish(tasks: readonly WaitingTask[]): boolean {
  const groups = nearestGroups(tasks);
  const opened = new Set<number>();
  const ended = new Set<number>();
  for (let before = -1; before !== opened.size + ended.size;) {
    before = opened.size + ended.size;
    for (const [index, { isGroup, sources }] of tasks.entries()) {
      const around = groups[index]!;
      const mayOpen = sources.every((source) => ended.has(source)) && (around < 0 || opened.has(around));
      if (mayOpen) opened.add(index);
      const members = [...tasks.keys()].filter((member) => groups[member] === index);
      if (opened.has(index) && (!isGroup || members.every((member) => ended.has(member)))) ended.add(index);
    }
  }
  return ended.size < tasks.length;
}

/** True when the first task has an edge to the second, or one is the other's nearest group. */
function isLink(tasks: readonly WaitingTask[], from: number, to: number): boolean {
  const groups = nearestGroups(tasks);
  return tasks[from]!.sources.includes(to) || groups[from] === to || groups[to] === from;
}
