import { treeSubmissions } from '@coppice/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionOf, linesOf, rejectionOf, testContext, validate } from './validation.fixture.ts';
import { validateTree } from './validate-tree.ts';

const root: TaskSubmission = { id: 'root' };
const work = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({
  id,
  parentId: 'root',
  executor: 'work',
  ...more,
});

describe('validateTree: identity (R-TV-01)', () => {
  it('keeps the ids of a submission in id mode; the tree is its root', () => {
    const tree = definitionOf([work('a', { dependencies: ['b'] }), root, work('b', { name: 'Bee' })]);
    expect(tree.treeId).toBe('root');
    expect(tree.tasks.map(({ id, key, name, parentId }) => [id, key, name, parentId])).toEqual([
      ['a', 'a', 'a', 'root'],
      ['root', 'root', 'root', undefined],
      ['b', 'b', 'Bee', 'root'],
    ]);
    expect(tree.tasks[0]?.dependencies).toEqual([
      { task: 'b', ref: 'b', required: true, on: ['success'], enabled: true },
    ]);
  });

  it('makes ids in name mode and on request; references keep what was written', () => {
    const named = [
      { name: 'a', parentId: 'top', executor: 'work', dependencies: ['b'] },
      { name: 'top' },
      { name: 'b', parentId: 'top', executor: 'work' },
    ];
    const tree = definitionOf(named);
    expect(tree.treeId).toBe('new');
    expect(tree.tasks.map(({ id, key, parentId }) => [id, key, parentId])).toEqual([
      ['new.0', 'a', 'new'],
      ['new', 'top', undefined],
      ['new.2', 'b', 'new'],
    ]);
    expect(tree.tasks[0]?.dependencies[0]).toMatchObject({ task: 'new.2', ref: 'b' });
    const again = definitionOf([root, work('a')], { reidentify: true });
    expect(again.tasks.map(({ id, key }) => [id, key])).toEqual([
      ['new', 'root'],
      ['new.1', 'a'],
    ]);
  });

  it('fills in every default', () => {
    expect(definitionOf([{ name: 'only', executor: 'work' }]).tasks[0]).toEqual({
      id: 'new',
      key: 'only',
      name: 'only',
      kind: 'executor',
      executor: 'work',
      inputs: {},
      dependencies: [],
      join: 'all',
      priority: 2,
      policies: {},
      allowFailure: false,
      capabilities: [],
      tags: [],
      metadata: {},
    });
    expect(definitionOf([{ name: 'now', priority: 0, notBefore: '2026-11-20T08:00:00+01:00' }]).tasks[0]).toMatchObject(
      {
        priority: 0,
        notBeforeMs: Date.UTC(2026, 10, 20, 7),
      },
    );
  });

  it('refuses an empty list, empty, missing and duplicate names, and a mix of modes', () => {
    expect(linesOf([])).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks: The tree has no task",
      ]
    `);
    expect(linesOf([root, work('a'), work('a'), work(' ')])).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.id: Task 'a' has the same id as task 1",
        "tree/invalid tasks.3.id: Task 3 has an empty id",
      ]
    `);
    expect(linesOf([root, { name: 'b', parentId: 'root' }, work('__proto__')])).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.1.id: Task 'b' has no id, but other tasks have: give every task an id, or none",
      ]
    `);
    expect(
      linesOf([{ name: 'top' }, { parentId: 'top' }, { name: '', parentId: 'top' }, { name: 'top', parentId: 'top' }]),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.1.name: Task 1 has neither id nor name",
        "tree/invalid tasks.2.name: Task 2 has an empty name",
        "tree/invalid tasks.3.name: Task 'top' has the same name as task 0",
      ]
    `);
    expect(linesOf([root, work('a', { name: '' })])).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.1.name: Task 'a' has an empty name",
      ]
    `);
  });

  it('lets ids share a name in id mode', () => {
    expect(validate([root, work('a', { name: 'same' }), work('b', { name: 'same' })]).ok).toBe(true);
  });

  it('refuses more tasks than the limit before looking at them', () => {
    expect(rejectionOf([root, root, root], { maxTasks: 2 })).toEqual({
      code: 'limit/refused',
      message: 'The tree has 3 tasks, above the limit of 2; split it',
      data: { limit: 2, actual: 3 },
    });
  });
});

describe('validateTree: parents (R-TV-03)', () => {
  it('refuses unknown and own parents, several roots and none', () => {
    expect(linesOf([root, work('a', { parentId: 'roof' }), work('b', { parentId: 'b' }), { id: 'c' }]))
      .toMatchInlineSnapshot(`
      [
        "tree/invalid-parent tasks.1.parentId: Task 'a' has the parent 'roof', which is not in this tree; did you mean 'root'?",
        "tree/invalid-parent tasks.2.parentId: Task 'b' is its own parent",
        "tree/invalid-parent tasks.3.parentId: Task 'c' has no parentId, but 'root' is the root already",
      ]
    `);
    const noRoot = rejectionOf([work('a', { parentId: 'b' }), work('b', { parentId: 'a' })]);
    expect(noRoot.code).toBe('tree/invalid-parent');
    expect(noRoot.errors?.map(({ code, reason }) => `${code} ${reason}`)).toMatchInlineSnapshot(`
      [
        "tree/invalid-parent The tree has no root: every task has a parentId",
        "tree/cycle Task 'a' is on a cycle of parents: a → b → a",
      ]
    `);
  });

  it('refuses a parent cycle beside a valid root, and what hangs below it', () => {
    const cyclic = [root, work('a', { parentId: 'b' }), work('b', { parentId: 'c' }), work('c', { parentId: 'a' })];
    expect(rejectionOf(cyclic)).toMatchObject({ code: 'tree/cycle', data: { path: ['a', 'b', 'c'] } });
    expect(linesOf([...cyclic, work('d', { parentId: 'c' }), work('e', { parentId: 'd' })])).toMatchInlineSnapshot(`
      [
        "tree/cycle tasks.1.parentId: Task 'a' is on a cycle of parents: a → b → c → a",
        "tree/invalid-parent tasks.4.parentId: Task 'd' does not reach the root: a parent above it is on a cycle",
        "tree/invalid-parent tasks.5.parentId: Task 'e' does not reach the root: a parent above it is on a cycle",
      ]
    `);
  });
});

describe('validateTree: dependencies (R-TV-04)', () => {
  it('refuses unknown and malformed references, with a suggestion', () => {
    const tasks = [
      root,
      work('fetch', { name: 'Fetch it' }),
      work('x', { dependencies: ['fecth', 'Fetch it', '', {} as never, 'unlike'] }),
    ];
    expect(linesOf(tasks)).toMatchInlineSnapshot(`
      [
        "tree/invalid-dependency tasks.2.dependencies.0: Task 'x' depends on 'fecth', which is not in this tree; did you mean 'fetch'?",
        "tree/invalid-dependency tasks.2.dependencies.1: Task 'x' depends on 'Fetch it', which is not in this tree; did you mean 'fetch'?",
        "tree/invalid-dependency tasks.2.dependencies.2: Task 'x' has a dependency that names no task",
        "tree/invalid-dependency tasks.2.dependencies.3.task: Task 'x' has a dependency that names no task",
        "tree/invalid-dependency tasks.2.dependencies.4: Task 'x' depends on 'unlike', which is not in this tree",
      ]
    `);
    expect(rejectionOf(tasks).code).toBe('tree/invalid-dependency');
  });

  it('refuses the same edge twice, and takes edges that differ in port, trigger or condition (R-RO-09)', () => {
    const on = (dependencies: TaskSubmission['dependencies']) => [root, work('a'), work('b', { dependencies })];
    expect(linesOf(on(['a', 'a']))).toMatchInlineSnapshot(`
      [
        "tree/invalid-dependency tasks.2.dependencies.1: Task 'b' depends on 'a' twice: this is the same edge as dependency 0",
      ]
    `);
    expect(linesOf(on(['a', { task: 'a', on: ['success'], required: false }]))).toHaveLength(1);
    expect(
      linesOf(
        on([
          { task: 'a', on: ['failure', 'success'] },
          { task: 'a', on: ['success', 'failure'] },
        ]),
      ),
    ).toHaveLength(1);
    expect(
      validate(
        on(['a', { task: 'a', on: ['failure'] }, { task: 'a', port: 'alt' }, { task: 'a', condition: 'output > 1' }]),
      ).ok,
    ).toBe(true);
  });

  it('takes outputs of several tasks under one input key only if each edge names it (R-RO-10)', () => {
    const two = (first: string | undefined, second: string | undefined, enabled = true) =>
      validate([
        root,
        work('a'),
        work('b'),
        work('c', {
          dependencies: [
            { task: 'a', into: first },
            { task: 'b', into: second, enabled },
          ],
        }),
      ]);
    expect(two('x', 'x').ok).toBe(true);
    expect(two('b', undefined)).toMatchObject({ ok: false, rejection: { code: 'tree/invalid' } });
    expect(two('x', 'y').ok).toBe(true);
    expect(two('x', 'x', false).ok).toBe(true);
  });

  it('refuses edges that can fire on nothing, and malformed conditions (R-RO-04, R-RO-05)', () => {
    const conditions = ['', ' ', 'a !! b'].map((condition, index) => ({
      task: 'a',
      port: 'alt',
      condition,
      into: `k${index}`,
    }));
    expect(
      linesOf([
        root,
        work('a'),
        work('b', {
          dependencies: [
            ...conditions,
            { task: 'a', on: [] },
            { task: 'a', port: '' },
            { task: 'a', condition: 'port', into: '' },
          ],
        }),
      ]),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.dependencies.0.condition: Task 'b' has a malformed expression: it is empty",
        "tree/invalid tasks.2.dependencies.1.condition: Task 'b' has a malformed expression: it is empty",
        "tree/invalid tasks.2.dependencies.2.condition: Task 'b' has a malformed expression at offset 2: unexpected token",
        "tree/invalid-dependency tasks.2.dependencies.3.on: Task 'b' has a dependency on 'a' that fires on nothing",
        "tree/invalid-dependency tasks.2.dependencies.4.port: Task 'b' has an empty port; leave it out for the primary one",
        "tree/invalid-dependency tasks.2.dependencies.5.into: Task 'b' has an unusable input key in into",
      ]
    `);
  });

  it('refuses ports that the source does not have (R-RO-11)', () => {
    const uses = (source: TaskSubmission, port: string) =>
      validate([root, source, work('b', { dependencies: [{ task: source.id ?? '', port }] })]);
    expect(uses(work('a'), 'alt').ok).toBe(true);
    expect(uses(work('a', { port: 'main' }), 'main').ok).toBe(true);
    expect(uses(work('a', { executor: 'any' }), 'whatever').ok).toBe(true);
    expect(
      linesOf([
        root,
        work('a'),
        work('p', { executor: 'plain' }),
        { id: 'g', parentId: 'root' },
        work('b', {
          dependencies: [
            { task: 'a', port: 'atl' },
            { task: 'p', port: 'alt' },
            { task: 'g', port: 'alt' },
          ],
        }),
      ]),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.4.dependencies.0.port: Task 'b' expects port 'atl' of 'a', which its executor 'work' does not declare",
        "tree/invalid tasks.4.dependencies.1.port: Task 'b' expects port 'alt' of 'p', which its executor 'plain' does not declare",
        "tree/invalid tasks.4.dependencies.2.port: Task 'b' expects port 'alt' of the group 'g', but a group has no ports",
      ]
    `);
  });
});

describe('validateTree: cycles (R-TV-02)', () => {
  it('names the cycle in order, at the edge that closes it', () => {
    const rejection = rejectionOf([
      root,
      work('a', { dependencies: ['b'] }),
      work('b', { dependencies: ['c'] }),
      work('c', { dependencies: ['a'] }),
    ]);
    expect(rejection).toMatchInlineSnapshot(`
      {
        "code": "tree/cycle",
        "data": {
          "path": [
            "a",
            "b",
            "c",
          ],
        },
        "errors": [
          {
            "actual": [
              "a",
              "b",
              "c",
            ],
            "code": "tree/cycle",
            "path": [
              "tasks",
              1,
              "dependencies",
              0,
            ],
            "reason": "Task 'a' can never start: a waits for b waits for c waits for a",
          },
        ],
        "message": "Task 'a' can never start: a waits for b waits for c waits for a",
      }
    `);
  });

  it('finds self edges, also of groups, and one cycle for every knot', () => {
    expect(rejectionOf([root, work('a', { dependencies: ['a'] })])).toMatchObject({
      code: 'tree/cycle',
      data: { path: ['a'] },
    });
    expect(rejectionOf([{ id: 'root', dependencies: ['root'] }])).toMatchObject({ data: { path: ['root'] } });
    const two = [
      root,
      work('a', { dependencies: ['b'] }),
      work('b', { dependencies: ['a'] }),
      work('c', { dependencies: ['d', 'a'] }),
      work('d', { dependencies: ['c'] }),
    ];
    expect(rejectionOf(two).errors?.map(({ actual }) => actual)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('names tasks by name in name mode', () => {
    const tasks = [{ name: 'top' }, { name: 'x', parentId: 'top', executor: 'work', dependencies: ['x'] }];
    expect(rejectionOf(tasks).data).toEqual({ path: ['x'] });
  });

  it('ignores disabled edges', () => {
    expect(validate([root, work('a', { dependencies: [{ task: 'a', enabled: false }] })]).ok).toBe(true);
  });

  it('reports everything at once, with the most telling code', () => {
    const rejection = rejectionOf([
      root,
      work('a', { dependencies: ['a', 'nobody'], priority: 9, executor: 'wrok' }),
      work('b', { executor: 'strict', parentId: 'nowhere' }),
    ]);
    expect(rejection.code).toBe('tree/invalid-parent');
    expect(rejection.message).toBe("Task 'b' has the parent 'nowhere', which is not in this tree (and 5 more)");
    expect(rejection.errors?.map(({ code }) => code)).toEqual([
      'tree/invalid-dependency',
      'executor/not-found',
      'tree/invalid',
      'tree/cycle',
      'tree/invalid-parent',
      'task/invalid-inputs',
    ]);
    expect(rejection.data).toEqual({ path: ['a'] });
  });
});

describe('validateTree: generated trees', () => {
  it('accepts every tree that is acyclic by construction, keeping the declared order', () => {
    fc.assert(
      fc.property(
        treeSubmissions({ maxTasks: 40, executors: ['work', 'plain'], conditions: ['output == 1'] }),
        (submission) => {
          const outcome = validateTree(submission, testContext);
          expect(outcome).toMatchObject({ ok: true });
          if (!outcome.ok) return;
          expect(outcome.value.tasks.map(({ key }) => key)).toEqual(submission.tasks.map(({ id, name }) => id ?? name));
          const ids = new Set(outcome.value.tasks.map(({ id }) => id));
          expect(ids.size).toBe(submission.tasks.length);
          for (const { dependencies, parentId } of outcome.value.tasks) {
            expect(parentId === undefined || ids.has(parentId)).toBe(true);
            for (const { task } of dependencies) expect(ids.has(task)).toBe(true);
          }
        },
      ),
    );
  });

  it('has an entry task: one without enabled dependencies (R-TV-11)', () => {
    fc.assert(
      fc.property(treeSubmissions(), ({ tasks }) => {
        const isEntry = ({ dependencies = [] }: TaskSubmission) => dependencies.length === 0;
        expect(tasks.some(isEntry)).toBe(true);
      }),
    );
  });
});
