/** The tasks that an executor adds are checked as a submission is. */
import { buildRunFrom, facts } from './added-tasks.fixture.ts';
import { describe, expect, it } from 'vitest';
import { addedTasks } from './added-tasks.ts';

const { run, task } = buildRunFrom();
const check = (given: unknown, tasksMax = 10) => addedTasks(given, { run, task, facts, tasksMax, redact: undefined });

describe('tasks that an executor adds', () => {
  it('are made definitions below a parent that stands for the task', () => {
    const adding = check([
      { name: 'a', executor: 'work', inputs: { goal: '${{ inputs.goal }}' } },
      { name: 'b', executor: 'work', dependencies: ['a'] },
    ]);
    expect(adding?.tasks.map(({ key, parentId }) => [key, parentId === adding.parent])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(check([])).toBeUndefined();
  });

  it('R-TV-04: fail the attempt for good with everything that is wrong, each at its place', () => {
    expect(() =>
      check([
        { name: 'a', executor: 'wrok' },
        { name: 'b', executor: 'work', dependencies: ['plan', 'c'] },
      ]),
    ).toThrow(
      expect.objectContaining({
        code: 'tree/invalid',
        retryable: false,
        message: expect.stringMatching(/wrok.*did you mean 'work'.*depends on 'c'/) as string,
        data: {
          errors: expect.arrayContaining([expect.objectContaining({ path: ['tasks', 0, 'executor'] })]) as unknown,
        },
      }) as Error,
    );
  });

  it.each([
    ['no list', 'a text', 'tree/invalid'],
    ['too many', [{}, {}, {}], 'tree/limit'],
  ])('are refused when they are %s', (_, given, code) => {
    expect(() => check(given, 2)).toThrow(expect.objectContaining({ code, retryable: false }) as Error);
  });
});
