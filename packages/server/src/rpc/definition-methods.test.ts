import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methodBench, stable, twoInOrder } from './method-bench.fixture.ts';
import type { MethodBench } from './method-bench.fixture.ts';

let on: MethodBench;
beforeEach(async () => void (on = await methodBench()));
afterEach(() => on.real.engine.stop({ graceMs: 0 }));

describe('tasks.create', () => {
  it('answers the nested tree with its run', async () => {
    const tree = await on.rpc.result('tasks.create', {
      tasks: twoInOrder,
      inputs: { n: 1 },
      policies: { concurrency: 2 },
    });
    expect(tree).toMatchObject({
      name: 'root',
      status: 'pending',
      childCount: 2,
      children: [
        { name: 'first', children: [], childCount: 0 },
        { name: 'second', dependencies: [{ ref: 'first', on: ['success'], required: true, enabled: true }] },
      ],
      tree: { userId: 'local', status: 'created', seq: 1, taskCount: 3, inputs: { n: 1 }, fraction: 0 },
    });
  });

  it('answers the first tree again under the same key', async () => {
    const [first, again] = [
      await on.rpc.result('tasks.create', { tasks: twoInOrder, idempotencyKey: 'k' }),
      await on.rpc.result('tasks.create', { tasks: twoInOrder, idempotencyKey: 'k' }),
    ];
    expect(again.treeId).toBe(first.treeId);
  });

  it('refuses with every violation, and stores nothing (R-TV-01)', async () => {
    const tasks = [
      { name: 'root' },
      { name: 'a', parentId: 'rot', executor: 'ecko', dependencies: ['b', 'nobody'] },
      { name: 'b', parentId: 'root', executor: 'echo', dependencies: ['a'], priority: 9 },
    ];
    expect(stable(await on.rpc.refusal('tasks.create', { tasks }))).toMatchInlineSnapshot(`
      {
        "code": -32010,
        "data": {
          "code": "tree/invalid-parent",
          "path": [
            "a",
            "b",
          ],
        },
        "errors": [
          {
            "actual": "rot",
            "code": "tree/invalid-parent",
            "expected": "the name of a task of this tree",
            "path": [
              "tasks",
              1,
              "parentId",
            ],
            "reason": "Task 'a' has the parent 'rot', which is not in this tree; did you mean 'root'?",
          },
          {
            "actual": "nobody",
            "code": "tree/invalid-dependency",
            "expected": "a task of this tree",
            "path": [
              "tasks",
              1,
              "dependencies",
              1,
            ],
            "reason": "Task 'a' depends on 'nobody', which is not in this tree",
          },
          {
            "actual": "ecko",
            "code": "executor/not-found",
            "expected": "echo, fail, hold",
            "path": [
              "tasks",
              1,
              "executor",
            ],
            "reason": "Task 'a' names the executor 'ecko', which no extension contributes; did you mean 'echo'?",
          },
          {
            "actual": [
              "a",
              "b",
            ],
            "code": "tree/cycle",
            "path": [
              "tasks",
              1,
              "dependencies",
              0,
            ],
            "reason": "Task 'a' can never start: a waits for b waits for a",
          },
          {
            "actual": 9,
            "code": "tree/invalid",
            "expected": "a whole number from 0 to 3",
            "path": [
              "tasks",
              2,
              "priority",
            ],
            "reason": "Task 'b' has priority 9, which must be a whole number from 0 to 3",
          },
        ],
        "message": "Task 'a' has the parent 'rot', which is not in this tree; did you mean 'root'? (and 4 more)",
      }
    `);
    expect(await on.rpc.result('tasks.count', {})).toMatchObject({ total: 0 });
  });

  it('names a cycle in order', async () => {
    const tasks = [
      { name: 'root' },
      { name: 'a', parentId: 'root', executor: 'echo', dependencies: ['b'] },
      { name: 'b', parentId: 'root', executor: 'echo', dependencies: ['a'] },
    ];
    expect(stable(await on.rpc.refusal('tasks.create', { tasks }))).toMatchInlineSnapshot(`
      {
        "code": -32002,
        "data": {
          "code": "tree/cycle",
          "path": [
            "a",
            "b",
          ],
        },
        "errors": [
          {
            "actual": [
              "a",
              "b",
            ],
            "code": "tree/cycle",
            "path": [
              "tasks",
              1,
              "dependencies",
              0,
            ],
            "reason": "Task 'a' can never start: a waits for b waits for a",
          },
        ],
        "message": "Task 'a' can never start: a waits for b waits for a",
      }
    `);
  });

  it.each([
    ['tree/invalid', []],
    ['executor/not-found', [{ name: 'root', executor: 'nothing' }]],
    ['tree/invalid-parent', [{ name: 'a' }, { name: 'b' }]],
    ['tree/invalid-dependency', [{ name: 'root', dependencies: ['x'] }]],
    ['task/invalid-inputs', [{ name: 'root', executor: 'echo', inputs: { text: 7 } }]],
  ])('refuses with %s', async (code, tasks) => {
    expect((await on.rpc.refusal('tasks.create', { tasks })).data.code).toBe(code);
  });

  it('refuses a known id, unless it is only a reference', async () => {
    const tasks = [{ id: 'r', executor: 'echo' }];
    await on.rpc.result('tasks.create', { tasks });
    expect(stable(await on.rpc.refusal('tasks.create', { tasks }))).toMatchInlineSnapshot(`
      {
        "code": -32012,
        "data": {
          "code": "tree/invalid",
        },
        "errors": [
          {
            "actual": "r",
            "code": "tree/invalid",
            "path": [
              "tasks",
              0,
              "id",
            ],
            "reason": "A task with the id "r" is stored already; choose another id, or pass reidentify: true to get new ones",
          },
        ],
        "message": "An id is taken: A task with the id "r" is stored already; choose another id, or pass reidentify: true to get new ones",
      }
    `);
    expect((await on.rpc.result('tasks.create', { tasks, reidentify: true })).id).not.toBe('r');
  });
});

describe('tasks.validate', () => {
  it('answers what tasks.create would refuse, and stores nothing', async () => {
    expect(await on.rpc.result('tasks.validate', { tasks: twoInOrder })).toEqual({ valid: true, errors: [] });
    expect(await on.rpc.result('tasks.validate', { tasks: [{ name: 'a', executor: 'ecko' }] })).toMatchInlineSnapshot(`
      {
        "errors": [
          {
            "actual": "ecko",
            "code": "executor/not-found",
            "expected": "echo, fail, hold",
            "path": [
              "tasks",
              0,
              "executor",
            ],
            "reason": "Task 'a' names the executor 'ecko', which no extension contributes; did you mean 'echo'?",
          },
        ],
        "valid": false,
      }
    `);
    expect(await on.rpc.result('tasks.count', {})).toMatchObject({ total: 0 });
  });

  it('names the dependents that a selection misses (R-TV-05)', async () => {
    const { root, first, second } = await on.stored();
    const selection = { rootId: root!, taskIds: [first!] };
    expect(await on.rpc.result('tasks.validate', selection)).toEqual({
      valid: false,
      missing: [{ taskId: second, via: first }],
    });
    const whole = { rootId: root!, taskIds: [first!, second!] };
    expect(await on.rpc.result('tasks.validate', whole)).toEqual({ valid: true, missing: [] });
    expect((await on.rpc.refusal('tasks.validate', { rootId: 'x', taskIds: [] })).code).toBe(-32001);
  });
});

describe('tasks.update and tasks.delete', () => {
  it('change and remove what is pending', async () => {
    const { root, first } = await on.stored();
    const patch = { name: 'renamed', inputs: { text: 'b' }, priority: 0, tags: ['x'], metadata: { a: [1] } };
    expect(await on.rpc.result('tasks.update', { taskId: first!, patch })).toMatchObject({ id: first, ...patch });
    expect(await on.rpc.result('tasks.delete', { taskId: root! })).toEqual({ deleted: 3 });
    expect((await on.rpc.refusal('tasks.get', { taskId: root! })).code).toBe(-32001);
  });

  it('refuse with all reasons', async () => {
    const { first, second } = await on.stored();
    expect(stable(await on.rpc.refusal('tasks.delete', { taskId: first! })) as object).toMatchObject({ code: -32009 });
    const patch = { priority: 12, dependencies: ['nobody'] };
    expect((await on.rpc.refusal('tasks.update', { taskId: second!, patch })).data['errors']).toHaveLength(2);
    const forbidden = { taskId: second!, patch: { status: 'completed' } as object };
    expect((await on.rpc.refusal('tasks.update', forbidden)).code).toBe(-32602);
  });

  it('refuse what has run', async () => {
    const { first } = await on.ran();
    expect((await on.rpc.refusal('tasks.update', { taskId: first!, patch: { name: 'x' } })).code).toBe(-32006);
  });
});

describe('tasks.copy', () => {
  it('shows what would be copied, in the form that tasks.create accepts (R-TV-09)', async () => {
    const { root } = await on.ran();
    const preview = await on.rpc.result('tasks.copy', { taskId: root!, save: false });
    expect(preview).toHaveLength(3);
    expect(await on.rpc.result('tasks.count', {})).toMatchObject({ total: 1 });
    const tasks = preview as Extract<typeof preview, unknown[]>;
    expect(await on.rpc.result('tasks.create', { tasks, reidentify: true })).toMatchObject({ childCount: 2 });
  });

  it('refuses a custom copy that misses dependents', async () => {
    const { root, first } = await on.stored();
    const params = { taskId: root!, mode: 'custom' as const, taskIds: [first!], includeDependents: false };

    expect(await on.rpc.refusal('tasks.copy', params)).toMatchObject({ code: -32012, data: { code: 'tree/invalid' } });
  });
});
