import { describe, expect, it } from 'vitest';
import { validateTree } from '../validate/validate-tree.ts';
import { definitionOf, testContext } from '../validate/validation.fixture.ts';
import { toSubmission } from './copy-preview.ts';
import { copyOf, sourceOf } from './copy-source.fixture.ts';
import type { TaskSubmission } from './submission.ts';

const work = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({
  id,
  parentId: 'root',
  executor: 'work',
  ...more,
});

describe('toSubmission (R-TV-09)', () => {
  it('answers an array that tasks.create takes, with the same names and meaning', () => {
    const source = sourceOf([
      { id: 'root', name: 'The root' },
      work('a', { name: 'Ay', executor: 'any', port: 'main' }),
      work('b', {
        name: 'Bee',
        join: 'settled',
        priority: 0,
        allowFailure: true,
        notBefore: '2026-11-20T08:00:00.000Z',
        capabilities: ['gpu'],
        tags: ['x'],
        metadata: { y: 1 },
        inputs: { list: ['${{ deps.a.n + size("deps.a") }} of ${{ deps["a"] }}'] },
        policies: { idempotencyKey: 'k-${{ deps.a.id }}', timeoutMs: 5 },
        dependencies: [
          {
            task: 'a',
            port: 'main',
            condition: 'output > 1',
            on: ['success', 'failure'],
            into: 'rows',
            required: false,
            handles: true,
          },
          { task: 'root2', enabled: false },
        ],
      }),
      work('root2'),
    ]);
    const copy = copyOf(source, 'a');
    const submission = toSubmission(copy);
    expect(submission[2]).toEqual({
      id: 'copy.2',
      name: 'Bee',
      parentId: 'copy',
      executor: 'work',
      inputs: { list: ['${{ deps["copy.1"].n + size("deps.a") }} of ${{ deps["copy.1"] }}'] },
      dependencies: [
        {
          task: 'copy.1',
          port: 'main',
          condition: 'output > 1',
          on: ['success', 'failure'],
          into: 'rows',
          required: false,
          enabled: true,
          handles: true,
        },
        { task: 'copy.3', on: ['success'], into: 'root2', required: true, enabled: false },
      ],
      join: 'settled',
      priority: 0,
      policies: { idempotencyKey: 'k-${{ deps["copy.1"].id }}', timeoutMs: 5 },
      allowFailure: true,
      notBefore: '2026-11-20T08:00:00.000Z',
      capabilities: ['gpu'],
      tags: ['x'],
      metadata: { y: 1 },
    });
    expect(validateTree({ tasks: submission }, testContext)).toMatchObject({ ok: true, value: { treeId: 'copy' } });
  });

  it('finds the members of a group under their new ids', () => {
    const tree = definitionOf([
      { name: 'top' },
      { name: 'g', parentId: 'top' },
      { name: 'h', parentId: 'g' },
      { name: 'm', parentId: 'h', executor: 'work' },
      {
        name: 't',
        parentId: 'top',
        executor: 'work',
        dependencies: ['g'],
        inputs: { x: '${{ deps.g.h["m"].rows.h }}' },
      },
    ]);
    expect(toSubmission(tree)[4]?.inputs).toEqual({ x: '${{ deps["new.1"]["new.2"]["new.3"].rows.h }}' });
  });
});
