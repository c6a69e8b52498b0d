import { treeSubmissions } from '@coppice/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskDefinition } from '../task/task.ts';
import { findMissingDependents } from './dependents.ts';
import { definitionOf } from '../validate/validation.fixture.ts';

const work = (id: string, dependencies: string[] = [], parentId = 'root') => ({
  id,
  parentId,
  executor: 'work',
  dependencies,
});
const missing = (tasks: readonly TaskDefinition[], ...selection: string[]) =>
  findMissingDependents<string>(tasks, selection).map(({ taskId, via }) => `${taskId} via ${via}`);

describe('findMissingDependents (R-TV-05)', () => {
  it('names direct and transitive dependents, and what each waits for', () => {
    const { tasks } = definitionOf([{ id: 'root' }, work('a'), work('b', ['a']), work('c', ['b']), work('x')]);
    expect(missing(tasks, 'a')).toEqual(['b via a', 'c via b']);
    expect(missing(tasks, 'a', 'c')).toEqual(['b via a']);
    expect(missing(tasks, 'a', 'b', 'c')).toEqual([]);
    expect(missing(tasks)).toEqual([]);
  });

  it('follows a dependency on a group from each of its members', () => {
    const { tasks } = definitionOf([
      { id: 'root' },
      { id: 'g', parentId: 'root' },
      { id: 'h', parentId: 'g' },
      work('m', [], 'h'),
      work('t', ['g']),
      work('u', ['t']),
    ]);
    expect(missing(tasks, 'm')).toEqual(['t via g', 'u via t']);
    expect(missing(tasks, 'g')).toEqual(['t via g', 'u via t']);
  });

  it('counts the members of a group whose dependency is selected', () => {
    const { tasks } = definitionOf([
      { id: 'root' },
      work('a'),
      { id: 'g', parentId: 'root', dependencies: ['a'] },
      work('m', [], 'g'),
      work('n', ['m']),
    ]);
    expect(missing(tasks, 'a')).toEqual(['g via a', 'm via g', 'n via m']);
    expect(missing(tasks, 'a', 'g')).toEqual(['m via g', 'n via m']);
  });

  it('ignores disabled edges, and members of a parent with an executor', () => {
    const { tasks } = definitionOf([
      { id: 'root' },
      work('a'),
      { ...work('b'), dependencies: [{ task: 'a', enabled: false }] },
      work('p', ['a']),
      work('m', [], 'p'),
    ]);
    expect(missing(tasks, 'a')).toEqual(['p via a']);
  });

  it('answers a selection that is closed once the missing are added, and is never larger than needed', () => {
    fc.assert(
      fc.property(treeSubmissions({ mode: 'id' }), fc.nat(), (submission, pick) => {
        const { tasks } = definitionOf(submission.tasks);
        const selected = tasks[pick % tasks.length]!.id;
        const found = findMissingDependents(tasks, [selected]);
        const all = [selected, ...found.map(({ taskId }) => taskId)];
        expect(findMissingDependents(tasks, all)).toEqual([]);
        for (const { taskId } of found) {
          expect(
            findMissingDependents(
              tasks,
              all.filter((id) => id !== taskId),
            ).length,
          ).toBeGreaterThan(0);
        }
      }),
    );
  });
});
