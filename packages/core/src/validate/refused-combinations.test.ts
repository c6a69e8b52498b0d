/** Fields that would be accepted and ignored are refused where they are written. */
import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionOf, linesOf, validate } from './validation.fixture.ts';

const root: TaskSubmission = { id: 'root' };
const work = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({
  id,
  parentId: 'root',
  executor: 'work',
  ...more,
});

describe('handles', () => {
  const on = (dependency: object) => [root, work('a'), work('b', { dependencies: [{ task: 'a', ...dependency }] })];

  it('is refused on an edge that no failure can fire', () => {
    expect(linesOf(on({ handles: true }))).toEqual([
      "tree/invalid-dependency tasks.2.dependencies.0.handles: Task 'b' handles failures of 'a', on which it never fires",
    ]);
    expect(linesOf(on({ on: ['skipped'], handles: true }))).toHaveLength(1);
  });

  it.each([{ on: ['failure'] }, { required: false }, { on: ['success', 'failure'], enabled: false }])(
    'is taken on %o, and stated in the definition whether it was given or not',
    (edge) => {
      for (const handles of [true, false, undefined]) {
        const definition = definitionOf(on({ ...edge, handles }));
        expect(definition.tasks[2]?.dependencies[0]?.handles).toBe(handles ?? false);
      }
    },
  );

  it('false says nothing new where no failure fires', () => {
    expect(validate(on({ handles: false })).ok).toBe(true);
  });
});
