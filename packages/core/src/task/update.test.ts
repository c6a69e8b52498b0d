import type { TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { definitionOf, lineOf, testContext } from '../validate/validation.fixture.ts';
import type { TaskSubmission } from './submission.ts';
import { applyUpdate } from './update.ts';
import type { UpdatePatch } from './update.ts';

const work = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({
  id,
  parentId: 'root',
  executor: 'work',
  ...more,
});
const tasks = definitionOf([
  { id: 'root' },
  work('a'),
  work('b', { dependencies: ['a'], inputs: { text: '${{ deps.a }}' } }),
  work('c', { dependencies: ['b'] }),
  { id: 'g', parentId: 'root' },
  work('m', { parentId: 'g' }),
]).tasks;

const update = (taskId: string, patch: UpdatePatch) =>
  applyUpdate(tasks, { taskId: taskId as TaskId, patch }, testContext);
const linesOf = (taskId: string, patch: object): readonly string[] => {
  const outcome = update(taskId, patch);
  return outcome.ok ? [] : (outcome.rejection.errors ?? []).map(lineOf);
};
const updated = (taskId: string, patch: UpdatePatch) => {
  const outcome = update(taskId, patch);
  if (!outcome.ok) throw new Error(outcome.rejection.message);
  return outcome.value;
};

describe('applyUpdate', () => {
  it('changes what it names and nothing else', () => {
    const before = tasks[2]!;
    const patch = {
      name: 'Bee',
      inputs: { n: 1 },
      priority: 0,
      policies: { timeoutMs: 5 },
      tags: ['x'],
      metadata: { y: 1 },
    };
    expect(updated('b', patch)).toEqual({ ...before, ...patch });
    expect(updated('b', {}).dependencies).toBe(before.dependencies);
    expect(tasks[2]).toBe(before);
  });

  it('resolves new dependencies by reference or id', () => {
    const named = definitionOf([
      { name: 'top' },
      { name: 'x', parentId: 'top', executor: 'work' },
      { name: 'y', parentId: 'top', executor: 'work' },
    ]).tasks;
    const y = named[2]!.id;
    for (const ref of ['x', named[1]!.id]) {
      const outcome = applyUpdate(
        named,
        { taskId: y, patch: { dependencies: [{ task: ref, required: false }] } },
        testContext,
      );
      expect(outcome).toMatchObject({
        ok: true,
        value: { dependencies: [{ task: named[1]!.id, ref, required: false, on: ['success'], enabled: true }] },
      });
    }
    expect(updated('c', { dependencies: [] }).dependencies).toEqual([]);
  });

  it('refuses fields that never change, and unknown ones, with the reason', () => {
    expect(
      linesOf('a', {
        id: 'z',
        parentId: 'b',
        userId: 'u',
        status: 'completed',
        output: 1,
        executor: 'plain',
        nam: 'x',
      }),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid patch.id: The update of 'a' changes id: an id is given once",
        "tree/invalid patch.parentId: The update of 'a' changes parentId: a task stays where it is in its tree; copy it instead",
        "tree/invalid patch.userId: The update of 'a' changes userId: a tree keeps its owner",
        "tree/invalid patch.status: The update of 'a' changes status: a status follows from the events of the run; execute, cancel or retry instead",
        "tree/invalid patch.output: The update of 'a' changes output: an output is what an attempt ended with; retry instead",
        "tree/invalid patch.executor: The update of 'a' changes executor: a task keeps its executor; copy it with an override instead",
        "tree/invalid patch.nam: The update of 'a' changes the unknown field 'nam'; did you mean 'name'?",
      ]
    `);
  });

  it('refuses everything that is wrong at once, and applies nothing', () => {
    const lines = linesOf('c', {
      name: ' ',
      priority: 9,
      policies: { retry: { maxAttempts: 0 } },
      inputs: { x: '${{ deps.a }}' },
      dependencies: ['b', 'b', 'zz'],
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "tree/invalid patch.name: The update of 'c' has an empty name",
        "tree/invalid-dependency patch.dependencies.2: The update of 'c' depends on 'zz', which is not in this tree",
        "tree/invalid-dependency patch.dependencies.1: The update of 'c' depends on 'b' twice: this is the same edge as dependency 0",
        "tree/invalid patch.priority: The update of 'c' has priority 9, which must be a whole number from 0 to 3",
        "tree/invalid patch.inputs.x: The update of 'c' reads deps.a, but 'a' is not one of its dependencies",
        "tree/invalid patch.policies.retry.maxAttempts: The update of 'c' has maxAttempts 0, which must be a whole number from 1 to 10",
      ]
    `);
    expect(tasks[3]?.priority).toBe(2);
  });

  it('refuses what would be accepted and ignored on a task of this kind', () => {
    expect(linesOf('g', { priority: 0, policies: { idempotencyKey: 'k' } }).map((line) => line.split(':')[0])).toEqual([
      'tree/invalid patch.policies.idempotencyKey',
      'tree/invalid patch.priority',
    ]);
    expect(linesOf('a', { policies: { onFailure: 'failFast' } })).toHaveLength(1);
    expect(updated('g', { policies: { timeoutMs: 5 } })).toMatchObject({ policies: { timeoutMs: 5 } });
  });

  it('refuses cycles, also through groups (R-TV-02)', () => {
    expect(update('a', { dependencies: ['c'] })).toMatchObject({
      ok: false,
      rejection: { code: 'tree/cycle', data: { path: ['a', 'c', 'b'] } },
    });
    expect(linesOf('g', { dependencies: ['a', 'm'] })).toEqual([
      "tree/cycle patch.dependencies.1: The update of 'g' makes a cycle: g waits for m waits for g",
    ]);
    expect(linesOf('m', { dependencies: ['root'] })).toHaveLength(1);
    expect(linesOf('a', { dependencies: [{ task: 'c', enabled: false }] })).toEqual([]);
  });

  it('looks at inputs again when a dependency that they read goes', () => {
    expect(linesOf('b', { dependencies: [] })).toEqual([
      "tree/invalid patch.inputs.text: The update of 'b' reads deps.a, but 'a' is not one of its dependencies",
    ]);
    expect(linesOf('b', { dependencies: [], inputs: {} })).toEqual([]);
  });

  it('answers task/not-found for a task of another tree', () => {
    expect(update('zz', {})).toMatchObject({ ok: false, rejection: { code: 'task/not-found' } });
  });
});
