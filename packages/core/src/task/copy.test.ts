import type { TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { copyTree } from './copy.ts';
import type { CopyOptions } from './copy-options.ts';
import { copyContext, copyOf, shapeOf, sourceOf, sourceOfCopy } from './copy-source.fixture.ts';
import type { CopySource } from './copy-source.ts';
import type { TaskSubmission } from './submission.ts';

const work = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({
  id,
  parentId: 'root',
  executor: 'work',
  ...more,
});
const group = (id: string, more: Partial<TaskSubmission> = {}): TaskSubmission => ({ id, parentId: 'root', ...more });
const after = (...dependencies: string[]) => ({ dependencies });
/** root holds a → b → c → d, and x apart. */
const chain: readonly TaskSubmission[] = [
  { id: 'root' },
  work('a'),
  work('b', after('a')),
  work('c', { ...after('b'), inputs: { text: '${{ deps.b.text }}' } }),
  work('d', after('c')),
  work('x'),
];

describe('copyTree minimal (R-TV-06)', () => {
  it('takes sub-tree, dependents, connecting ancestors, and results that are needed', () => {
    expect(shapeOf(copyOf(sourceOf(chain), 'c'))).toEqual([
      'root',
      'b in root (completed)',
      'c in root after b',
      'd in root after c',
    ]);
  });

  it('takes what did not succeed as pending, with all it needs in turn', () => {
    expect(shapeOf(copyOf(sourceOf(chain, { b: 'failed', c: 'skipped', d: 'skipped' }), 'c'))).toEqual([
      'root',
      'a in root (completed)',
      'b in root after a',
      'c in root after b',
      'd in root after c',
    ]);
  });

  it('takes the whole sub-tree of a group that is needed, and the dependents of groups around', () => {
    const tasks = [
      { id: 'root' },
      group('g'),
      work('m', { parentId: 'g' }),
      work('n', { parentId: 'g' }),
      work('t', after('g')),
      work('u', after('t')),
      work('v'),
    ];
    expect(shapeOf(copyOf(sourceOf(tasks), 't'))).toEqual([
      'root',
      'g in root (completed)',
      'm in g (completed)',
      'n in g (completed)',
      't in root after g',
      'u in root after t',
    ]);
    expect(shapeOf(copyOf(sourceOf(tasks), 'm'))).toEqual([
      'root',
      'g in root',
      'm in g',
      'n in g (completed)',
      't in root after g',
      'u in root after t',
    ]);
  });

  it('takes the members of a dependent group, and what a dependency of a group around needs', () => {
    const tasks = [
      { id: 'root' },
      work('a'),
      group('g', after('a')),
      work('m', { parentId: 'g' }),
      work('n', { parentId: 'g' }),
    ];
    expect(shapeOf(copyOf(sourceOf(tasks), 'a'))).toEqual([
      'root',
      'a in root',
      'g in root after a',
      'm in g',
      'n in g',
    ]);
    expect(shapeOf(copyOf(sourceOf(tasks), 'n'))).toEqual([
      'root',
      'a in root (completed)',
      'g in root after a',
      'n in g',
    ]);
  });

  it('starts at the copied task when nothing else is needed: no ancestor runs, whatever became of it', () => {
    const before = [work('p'), work('m', { parentId: 'p' }), work('n', { parentId: 'm', ...after('m') })];
    for (const p of ['completed', 'failed', 'pending'] as const)
      expect(shapeOf(copyOf(sourceOf([{ id: 'root' }, ...before], { p }), 'm'))).toEqual(['m', 'n in m after m']);
  });

  it('makes a plain group of an ancestor that only holds others together, unless it has done its work', () => {
    const tasks = [
      { id: 'root' },
      work('p', { inputs: { x: 1 } }),
      work('y', { parentId: 'p' }),
      work('m', { parentId: 'p', ...after('y') }),
    ];
    const failed = copyOf(sourceOf(tasks, { p: 'failed' }), 'm');
    expect(shapeOf(failed)).toEqual(['p', 'y in p (completed)', 'm in p after y']);
    expect(failed.tasks[0]).toMatchObject({ executor: undefined, inputs: {} });
    expect(shapeOf(copyOf(sourceOf(tasks), 'm'))).toEqual(['p (completed)', 'y in p (completed)', 'm in p after y']);
  });

  it('keeps what the groups that stay behind said of attempts and time', () => {
    const tasks = [
      { id: 'root', policies: { timeoutMs: 1, retry: { maxAttempts: 2 } }, notBefore: '2001-01-01T00:00:00Z' },
      group('g', { policies: { timeoutMs: 5, onFailure: 'failFast' } }),
      work('m', { parentId: 'g', policies: { heartbeatTimeoutMs: 7 } }),
    ];
    expect(copyOf(sourceOf(tasks), 'm').tasks[0]).toMatchObject({
      policies: { timeoutMs: 5, retry: { maxAttempts: 2 }, heartbeatTimeoutMs: 7 },
      notBeforeMs: Date.parse('2001-01-01T00:00:00Z'),
    });
    expect(copyOf(sourceOf(tasks), 'g').tasks[1]?.policies).toEqual({ heartbeatTimeoutMs: 7 });
  });

  it('runs an ancestor that waits for its children', () => {
    const aggregate = [{ id: 'root', executor: 'work', dependencies: ['m', 'n'] }, work('m'), work('n')];
    expect(shapeOf(copyOf(sourceOf(aggregate), 'm'))).toEqual(['root after m,n', 'm in root', 'n in root (completed)']);
  });

  it('leaves no stale result beside something that runs again', () => {
    // f failed and its handler h completed; t needs both: h must be decided again once f runs again.
    const tasks = [
      { id: 'root' },
      work('f'),
      work('h', { dependencies: [{ task: 'f', on: ['failure'] }] }),
      work('t', { join: 'settled', dependencies: ['h', 'f'] }),
    ];
    expect(shapeOf(copyOf(sourceOf(tasks, { f: 'failed' }), 't'))).toEqual([
      'root',
      'f in root',
      'h in root after f',
      't in root after h,f',
    ]);
  });
});

describe('copyTree of a failed leaf (R-TV-08)', () => {
  it('leaves out dependents that never started, and keeps those that did', () => {
    const tasks = [...chain, work('handler', { dependencies: [{ task: 'c', on: ['failure'] }] })];
    const copy = copyOf(sourceOf(tasks, { c: 'failed', d: 'skipped' }), 'c');
    expect(shapeOf(copy)).toEqual(['root', 'b in root (completed)', 'c in root after b', 'handler in root after c']);
  });

  it('keeps a dependent that never started when one that did start needs it', () => {
    const tasks = [
      { id: 'root' },
      work('t'),
      work('p', after('t')),
      work('q', { dependencies: [{ task: 'p', on: ['skipped'] }] }),
    ];
    expect(shapeOf(copyOf(sourceOf(tasks, { t: 'failed', p: 'skipped' }), 't'))).toEqual([
      'root',
      't in root',
      'p in root after t',
      'q in root after p',
    ]);
  });

  it('is no leaf when it has children', () => {
    const tasks = [{ id: 'root' }, work('t'), work('m', { parentId: 't' }), work('p', after('t'))];
    expect(shapeOf(copyOf(sourceOf(tasks, { t: 'failed', p: 'skipped' }), 't'))).toContain('p in root after t');
  });
});

describe('copyTree full', () => {
  it('takes the whole tree; what does not run again keeps status, output and times', () => {
    const source = sourceOf([...chain, work('y')], { x: 'failed', y: 'cancelled', d: 'skipped' });
    const copy = copyOf(source, 'c', { mode: 'full' });
    expect(shapeOf(copy)).toEqual([
      'root',
      'a in root (completed)',
      'b in root after a (completed)',
      'c in root after b',
      'd in root after c',
      'x in root (failed)',
      'y in root (cancelled)',
    ]);
    expect(copy.tasks[1]?.settled).toEqual({
      status: 'completed',
      output: 'result of a',
      attempt: 1,
      startedAtMs: 1000,
      endedAtMs: 2000,
      reused: true,
    });
    expect(copy.tasks[5]?.settled).toMatchObject({ status: 'failed', error: { code: 'x' } });
  });

  it('runs what never ran, and what depends on it', () => {
    expect(shapeOf(copyOf(sourceOf(chain, { a: 'running' }), 'x', { mode: 'full' }))).toEqual([
      'root',
      'a in root',
      'b in root after a',
      'c in root after b',
      'd in root after c',
      'x in root',
    ]);
  });
});

describe('copyTree custom (R-TV-05)', () => {
  const custom = (taskIds: readonly string[], more: CopyOptions = {}): CopyOptions => ({
    mode: 'custom',
    taskIds: taskIds as TaskId[],
    ...more,
  });
  const refusal = (source: CopySource, options: CopyOptions) => {
    const outcome = copyTree(source, 'root' as TaskId, { options, context: copyContext });
    return outcome.ok ? undefined : outcome.rejection;
  };

  it('adds missing dependents, needs and connecting ancestors', () => {
    expect(shapeOf(copyOf(sourceOf(chain), 'root', custom(['c'])))).toEqual([
      'root',
      'b in root (completed)',
      'c in root after b',
      'd in root after c',
    ]);
  });

  it('names each missing dependent when they are not to be added', () => {
    const rejection = refusal(sourceOf(chain), custom(['b'], { includeDependents: false }));
    expect(rejection).toMatchObject({
      code: 'tree/invalid',
      data: {
        missing: [
          { taskId: 'c', via: 'b' },
          { taskId: 'd', via: 'c' },
        ],
      },
    });
    expect(rejection?.errors?.map(({ reason }) => reason)).toEqual([
      "The copy leaves out 'c', which depends on 'b'; list it, or set includeDependents",
      "The copy leaves out 'd', which depends on 'c'; list it, or set includeDependents",
    ]);
    expect(shapeOf(copyOf(sourceOf(chain), 'root', custom(['c', 'd'], { includeDependents: false })))).toHaveLength(4);
  });

  it('takes a group for its sub-tree, unless tasks below it are listed', () => {
    const tasks = [{ id: 'root' }, group('g'), work('m', { parentId: 'g' }), work('n', { parentId: 'g' })];
    expect(shapeOf(copyOf(sourceOf(tasks), 'root', custom(['g'])))).toEqual(['g', 'm in g', 'n in g']);
    expect(shapeOf(copyOf(sourceOf(tasks), 'root', custom(['root', 'm'])))).toEqual(['root', 'g in root', 'm in g']);
  });

  it('refuses an empty list and unknown tasks', () => {
    expect(
      refusal(sourceOf(chain), custom([]))?.errors?.map(({ path, reason }) => `${path.join('.')}: ${reason}`),
    ).toEqual(['taskIds: The copy is custom but lists no task']);
    expect(
      refusal(sourceOf(chain), custom(['a', 'zz']))?.errors?.map(({ path, reason }) => `${path.join('.')}: ${reason}`),
    ).toEqual(["taskIds.1: The copy lists 'zz', which is not in this tree"]);
  });
});

describe('copyTree linkage and reset (R-TV-07)', () => {
  it('gives new ids, keeps keys, links to the originals, and shares nothing with the source', () => {
    const copy = copyOf(sourceOf(chain), 'c');
    expect(copy).toMatchObject({ treeId: 'copy', origin: { treeId: 'root', taskId: 'c' } });
    expect(copy.tasks.map(({ id, key, originalTaskId }) => [id, key, originalTaskId])).toEqual([
      ['copy', 'root', 'root'],
      ['copy.1', 'b', 'b'],
      ['copy.2', 'c', 'c'],
      ['copy.3', 'd', 'd'],
    ]);
    expect(copy.tasks[2]?.dependencies).toMatchObject([{ task: 'copy.1', ref: 'b' }]);
  });

  it('gives a reused task its recorded input when what it read stays behind', () => {
    const copy = copyOf(sourceOf(chain), 'd');
    expect(shapeOf(copy)).toEqual(['root', 'c in root (completed)', 'd in root after c']);
    expect(copy.tasks[1]?.inputs).toEqual({ resolved: 'c' });
    expect(copyOf(sourceOf(chain), 'c').tasks[2]?.inputs).toEqual({ text: '${{ deps.b.text }}' });
  });

  it('gathers the result of a reused group for those who read it', () => {
    const tasks = [
      { id: 'root' },
      group('g'),
      work('m', { parentId: 'g' }),
      group('h', { parentId: 'g' }),
      work('n', { parentId: 'h' }),
      work('t', after('g')),
    ];
    const copy = copyOf(sourceOf(tasks), 't');
    expect(copy.tasks[1]?.settled?.output).toEqual({ m: 'result of m', h: { n: 'result of n' } });
    expect(copyOf(sourceOfCopy(copy), copy.tasks[5]!.id).tasks[1]?.settled?.output).toEqual({
      m: 'result of m',
      h: { n: 'result of n' },
    });
  });

  it('answers task/not-found for a task that is not in the tree, or was deleted', () => {
    const source = sourceOf(chain);
    const without = {
      ...source,
      tasks: source.tasks.map((task) => ({ ...task, deleted: task.definition.key === 'x' })),
    };
    for (const taskId of ['nobody', 'x'] as TaskId[]) {
      expect(copyTree(without, taskId, { options: {}, context: copyContext })).toMatchObject({
        ok: false,
        rejection: { code: 'task/not-found' },
      });
    }
    expect(copyOf(without, 'root').tasks).toHaveLength(5);
  });
});

describe('copyTree overrides', () => {
  const overriding = (overrides: CopyOptions['overrides'], taskId = 'c') =>
    copyTree(sourceOf(chain), taskId as TaskId, { options: { overrides }, context: copyContext });

  it('replaces inputs, executor, priority and policies of single tasks', () => {
    const outcome = overriding({ c: { inputs: { n: 1 }, executor: 'any', priority: 0, policies: { timeoutMs: 5 } } });
    expect(outcome.ok && outcome.value.tasks[2]).toMatchObject({
      inputs: { n: 1 },
      executor: 'any',
      priority: 0,
      policies: { timeoutMs: 5 },
    });
    expect(outcome.ok && outcome.value.tasks[3]).toMatchObject({ executor: 'work', priority: 2 });
  });

  it('refuses all bad ones at once', () => {
    const outcome = overriding({
      zz: {},
      x: { priority: 1 },
      b: { priority: 1 },
      root: { executor: 'work' },
      c: { executor: 'wrok', priority: 7 },
      d: { executor: 'strict', inputs: { n: '${{ deps.b }}' } },
    });
    expect(outcome.ok ? [] : outcome.rejection.errors?.map(({ path, reason }) => `${path.join('.')}: ${reason}`))
      .toMatchInlineSnapshot(`
        [
          "overrides.zz: The override of 'zz' is for a task that is not in the copy",
          "overrides.x: The override of 'x' is for a task that is not in the copy",
          "overrides.b: The override of 'b' would have no effect: the copy reuses the recorded result of this task; copy it, or a task that it depends on",
          "overrides.root.executor: The override of 'root' gives an executor to a group",
          "overrides.c.executor: The override of 'c' names the executor 'wrok', which no extension contributes; did you mean 'work'?",
          "overrides.c.priority: The override of 'c' has priority 7, which must be a whole number from 0 to 3",
          "overrides.d.inputs.n: The override of 'd' reads deps.b, but 'b' is not one of its dependencies",
          "overrides.d.inputs.count: The override of 'd' has invalid inputs.count: is missing",
        ]
      `);
  });
});
