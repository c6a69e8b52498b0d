import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateTree } from '../validate/validate-tree.ts';
import { testContext } from '../validate/validation.fixture.ts';
import type { CopyOptions } from './copy-options.ts';
import { toSubmission } from './copy-preview.ts';
import { anySources, copyOf, shapeOf, sourceOf, sourceOfCopy } from './copy-source.fixture.ts';
import type { CopySource } from './copy-source.ts';
import type { TaskSubmission } from './submission.ts';
import type { TreeDefinition } from './task.ts';

/** Who waits for whom, read off the rules pair by pair. */
function waitsOf(source: CopySource): (a: string, b: string) => boolean {
  const definitions = new Map(source.tasks.map(({ definition }) => [definition.id as string, definition]));
  const around = (id: string): string[] => {
    const found = [id];
    for (let up = definitions.get(id)?.parentId; up !== undefined; up = definitions.get(up)?.parentId) {
      if (definitions.get(up)?.executor === undefined) found.push(up);
    }
    return found;
  };
  const direct = (a: string, b: string): boolean =>
    around(a).some((gate) =>
      definitions.get(gate)!.dependencies.some(({ task, enabled }) => enabled && around(b).includes(task)),
    );
  const reach = new Map(
    [...definitions.keys()].map((a) => [a, new Set([...definitions.keys()].filter((b) => direct(a, b)))]),
  );
  for (let grew = true; grew;) {
    grew = false;
    for (const reached of reach.values()) {
      for (const b of reached)
        for (const c of reach.get(b)!)
          if (!reached.has(c)) {
            reached.add(c);
            grew = true;
          }
    }
  }
  return (a, b) => reach.get(a)!.has(b);
}

/** The least set that the rules allow, by trying again until nothing is added. */
function minimalCopy(
  source: CopySource,
  top: string,
): { readonly taken: Set<string>; readonly running: Set<string>; readonly holders: Set<string> } {
  const tasks = new Map(source.tasks.map((task) => [task.definition.id as string, task]));
  const waits = waitsOf(source);
  const ancestors = (id: string): string[] => {
    const parent = tasks.get(id)!.definition.parentId;
    return parent === undefined ? [] : [parent, ...ancestors(parent)];
  };
  const below = (id: string): string[] => [...tasks.keys()].filter((other) => ancestors(other).includes(id));
  const isGroup = (id: string): boolean => tasks.get(id)!.definition.executor === undefined;
  const subTree = [top, ...below(top)];
  const isFailedLeaf = tasks.get(top)!.status === 'failed' && subTree.length === 1;
  const dependents = [...tasks.keys()].filter((id) => subTree.some((member) => waits(id, member)));
  const rerun = new Set([...subTree, ...dependents.filter((id) => !isFailedLeaf || tasks.get(id)!.attempt > 0)]);
  const taken = new Set(rerun);
  const running = new Set<string>();
  for (let size = -1; size !== taken.size + running.size;) {
    size = taken.size + running.size;
    for (const id of taken) {
      const members = below(id).filter((member) => taken.has(member));
      const isDue =
        rerun.has(id) ||
        tasks.get(id)!.status !== 'completed' ||
        [...running].some((other) => waits(id, other)) ||
        (isGroup(id) && members.some((member) => running.has(member)));
      if (isDue) running.add(id);
      if (!running.has(id)) continue;
      for (const up of ancestors(id)) {
        const { dependencies, declares } = tasks.get(up)!.definition;
        if (isGroup(up) && (dependencies.length > 0 || declares?.inputs !== undefined)) taken.add(up);
      }
      for (const { task } of tasks.get(id)!.definition.dependencies) {
        taken.add(task);
        if (isGroup(task)) for (const member of below(task)) taken.add(member);
      }
    }
  }
  return { taken, running, holders: holdersOf() };

  /** What lies between the taken ones and the nearest that is above them all; adds them. Of these, those that are open or do no work. */
  function holdersOf(): Set<string> {
    const lines = [...taken].map((id) => [...ancestors(id).toReversed(), id]);
    const shared = lines[0]!.filter((id, depth) => lines.every((line) => line[depth] === id));
    const above = new Set(shared.slice(0, -1));
    const between = new Set(lines.flat().filter((id) => !above.has(id) && !taken.has(id)));
    const open = new Set<string>();
    for (let size = -1; size !== open.size;) {
      size = open.size;
      for (const id of between) {
        const isOpen = below(id).some((member) => running.has(member) || open.has(member));
        const isKept =
          tasks.get(id)!.status === 'completed' &&
          !(isGroup(id) && isOpen) &&
          ![...running].some((other) => waits(id, other));
        if (!isKept) open.add(id);
      }
    }
    for (const id of between) taken.add(id);
    return open;
  }
}

function isSettled({ tasks }: TreeDefinition, originalTaskId: string): boolean {
  return tasks.find((task) => task.originalTaskId === originalTaskId)?.settled !== undefined;
}

describe('copyTree of generated trees', () => {
  it('takes the least closed set and runs the least of it again (R-TV-06)', () => {
    fc.assert(
      fc.property(anySources, ({ source, taskId }) => {
        const copy = copyOf(source, taskId);
        const { taken, running, holders } = minimalCopy(source, taskId);
        expect(copy.tasks.map(({ originalTaskId }) => originalTaskId)).toEqual(
          source.tasks.map(({ definition }) => definition.id).filter((id) => taken.has(id)),
        );
        for (const { originalTaskId, settled, executor, dependencies } of copy.tasks) {
          const isHolder = holders.has(originalTaskId!);
          expect(settled === undefined).toBe(running.has(originalTaskId!) || isHolder);
          expect(isHolder && (executor !== undefined || dependencies.length > 0)).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('can always be executed, in every mode: one tree, every reference inside, acyclic, nothing stale', () => {
    const modes = fc.constantFrom<CopyOptions['mode'][]>('minimal', 'full', 'custom');
    fc.assert(
      fc.property(anySources, modes, ({ source, taskId }, mode) => {
        const copy = copyOf(source, taskId, { mode, taskIds: [taskId] });
        const preview = validateTree({ tasks: toSubmission(copy) }, testContext);
        expect(preview).toMatchObject({ ok: true });
        const ids = new Set(copy.tasks.map(({ id }) => id));
        for (const { id, parentId, dependencies } of copy.tasks) {
          expect(source.tasks.some(({ definition }) => definition.id === id)).toBe(false);
          expect(parentId === undefined ? id === copy.treeId : ids.has(parentId)).toBe(true);
          for (const { task } of dependencies) expect(ids.has(task)).toBe(true);
        }
        const waits = waitsOf(source);
        for (const kept of copy.tasks.filter(({ settled }) => settled !== undefined)) {
          const stale = copy.tasks.filter(
            ({ settled, executor, originalTaskId }) =>
              settled === undefined && executor !== undefined && waits(kept.originalTaskId!, originalTaskId!),
          );
          expect(stale).toEqual([]);
        }
        expect(isSettled(copy, taskId)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('copies a copy to the same shape', () => {
    fc.assert(
      fc.property(anySources, fc.constantFrom<CopyOptions['mode'][]>('minimal', 'full'), ({ source, taskId }, mode) => {
        const first = copyOf(source, taskId, { mode });
        const again = copyOf(
          sourceOfCopy(first),
          first.tasks.find(({ originalTaskId }) => originalTaskId === taskId)!.id,
          { mode },
        );
        expect(shapeOf(again)).toEqual(shapeOf(first));
      }),
    );
  });

  it('keeps in a full copy what neither runs again nor waits for it', () => {
    fc.assert(
      fc.property(anySources, ({ source, taskId }) => {
        const copy = copyOf(source, taskId, { mode: 'full' });
        expect(copy.tasks).toHaveLength(source.tasks.length);
        const kept = copy.tasks.flatMap(({ settled }, index) =>
          settled === undefined ? [] : [{ settled, task: source.tasks[index]! }],
        );
        for (const { settled, task } of kept) expect(settled.status).toBe(task.status);
      }),
    );
  });

  it('copies 100,000 tasks in a chain 100,000 deep without recursion (R-TV-12)', () => {
    const tasks = Array.from({ length: 100_000 }, (_, index): TaskSubmission =>
      index === 0
        ? { id: '0' }
        : {
            id: String(index),
            parentId: String(index - 1),
            ...(index % 2 === 0 ? {} : { executor: 'work' }),
            dependencies: [],
          },
    );
    expect(copyOf(sourceOf(tasks), '50000').tasks).toHaveLength(50_000);
    expect(copyOf(sourceOf(tasks), '99999', { mode: 'full' }).tasks).toHaveLength(100_000);
  });
});
