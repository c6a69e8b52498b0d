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

describe('what only groups, or only tasks with an executor, can have', () => {
  const group = (more: Partial<TaskSubmission>): TaskSubmission[] => [root, { id: 'g', parentId: 'root', ...more }];

  it.each<[string, TaskSubmission[], string]>([
    ['an idempotency key', group({ policies: { idempotencyKey: 'k' } }), 'tasks.1.policies.idempotencyKey'],
    ['a port', group({ port: 'p' }), 'tasks.1.port'],
    ['capabilities', group({ capabilities: ['gpu'] }), 'tasks.1.capabilities'],
    ['onFailure', [root, work('a', { policies: { onFailure: 'failFast' } })], 'tasks.1.policies.onFailure'],
  ])('%s is refused on the other kind', (_name, tasks, path) => {
    expect(linesOf(tasks)).toEqual([expect.stringContaining(`tree/invalid ${path}: Task `)]);
  });

  it('policies of attempts are taken on a group: its members inherit them', () => {
    const policies = { retry: { maxAttempts: 2 }, timeoutMs: 5, heartbeatTimeoutMs: 5, onFailure: 'failFast' } as const;
    expect(validate(group({ policies, notBefore: '2026-11-20T08:00:00Z', capabilities: [] })).ok).toBe(true);
  });
});

describe('capabilities', () => {
  it('are matched against what the executor offers', () => {
    expect(validate([root, work('a', { capabilities: ['gpu'] })]).ok).toBe(true);
    expect(linesOf([root, work('a', { capabilities: ['gpus', 'gpu'] })])).toEqual([
      "tree/invalid tasks.1.capabilities.0: Task 'a' needs the capability 'gpus', which its executor 'work' does not offer; did you mean 'gpu'?",
    ]);
    expect(linesOf([root, work('a', { executor: 'plain', capabilities: ['gpu'] })])).toHaveLength(1);
  });
});

describe('priority of a group', () => {
  it('is that of its members, the nearest wins', () => {
    const { tasks } = definitionOf([
      { id: 'root', priority: 3 },
      work('a'),
      { id: 'g', parentId: 'root', priority: 1 },
      { id: 'b', parentId: 'g', executor: 'work' },
      { id: 'c', parentId: 'b', executor: 'work' },
      { id: 'd', parentId: 'b', executor: 'work', priority: 0 },
    ]);
    expect(tasks.map(({ id, priority }) => `${id}:${priority}`)).toEqual(['root:3', 'a:3', 'g:1', 'b:1', 'c:1', 'd:0']);
  });
});
