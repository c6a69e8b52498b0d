import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { linesOf, validate } from './validation.fixture.ts';

const tasks = (b: Partial<TaskSubmission>): readonly TaskSubmission[] => [
  { id: 'root' },
  { id: 'a', parentId: 'root', executor: 'work' },
  { id: 'b', parentId: 'root', executor: 'work', ...b },
];

describe('when', () => {
  it('reads what inputs may read, but no secrets and no way in which a task ended', () => {
    const reads = ['deps.a.x == 1', 'inputs.who', 'vars.v', 'task.key', 'run.userId', 'env.HOME'];
    for (const when of reads)
      expect(validate(tasks({ when, dependencies: ['a'] }), { inputs: { who: 'x' }, variables: { v: 1 } }).ok).toBe(
        true,
      );
    expect(
      ['secrets.token', 'status', 'deps.b', 'inputs.hwo', 'task.naem', ' '].map((when) =>
        linesOf(tasks({ when, dependencies: ['a'] }), { inputs: { who: 'x' } }).join(),
      ),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.when: Task 'b' reads 'secrets' at offset 0, which there is not here; results of other tasks are in deps, and secrets are for inputs only",
        "tree/invalid tasks.2.when: Task 'b' reads 'status' at offset 0, which there is not here; results of other tasks are in deps, and secrets are for inputs only",
        "tree/invalid tasks.2.when: Task 'b' reads deps.b, but 'b' is not one of its dependencies",
        "tree/invalid tasks.2.when: Task 'b' reads inputs.hwo, but 'hwo' is no input that the tree declares; did you mean 'who'?",
        "tree/invalid tasks.2.when: Task 'b' reads task.naem, but 'naem' is no field of it; did you mean 'name'?",
        "tree/invalid tasks.2.when: Task 'b' has a malformed expression: it is empty",
      ]
    `);
  });

  it('of a group is checked, too', () => {
    expect(linesOf(tasks({ executor: undefined, when: 'foo' }))).toHaveLength(1);
  });
});

describe('cancelOthers', () => {
  it('needs the join any', () => {
    expect(validate(tasks({ join: 'any', cancelOthers: true, dependencies: ['a'] })).ok).toBe(true);
    expect(validate(tasks({ cancelOthers: false, dependencies: ['a'] })).ok).toBe(true);
    expect([...linesOf(tasks({ cancelOthers: true })), ...linesOf(tasks({ join: 'settled', cancelOthers: true }))])
      .toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.2.cancelOthers: Task 'b' cancels the others of a race, but has none: its join is all, which needs them all",
        "tree/invalid tasks.2.cancelOthers: Task 'b' cancels the others of a race, but has none: its join is settled, which needs them all",
      ]
    `);
  });
});

describe('set', () => {
  it('of a multiplied task reads the output and the item of each copy', () => {
    const variables = { total: 0 };
    const set = (expression: string): Partial<TaskSubmission> => ({
      forEach: [1, 2],
      set: { total: `\${{ ${expression} }}` },
    });
    expect(validate(tasks(set('output.n + item + index')), { variables }).ok).toBe(true);
    expect(linesOf(tasks(set('status')), { variables })).toEqual([
      expect.stringContaining("tasks.2.set.total: Task 'b' reads 'status' at offset 0, which there is not here"),
    ]);
  });
});
