/** Runs for tests: logs of generated trees, written as an engine would write them, and small ones by hand. */
import type { RunEvent } from '@coppice/protocol';
import fc from 'fast-check';

export const START_MS = Date.parse('2026-11-20T12:00:00.000Z');

/** Type, task (or none), data; `attempt` where the event belongs to one. */
export type Happening = readonly [type: string, taskId?: string | undefined, data?: Record<string, unknown>];

/** `id: parent, dependencies…`; a task without children has an executor. */
export type TreeText = Readonly<Record<string, readonly [parent: string | null, ...dependencies: string[]]>>;

/** The log of a run: its creation, its start, and what happens, `stepMs` apart. */
export function logOf(tree: TreeText, happenings: readonly Happening[], stepMs = 1000): readonly RunEvent[] {
  const parents = new Set(Object.values(tree).map(([parent]) => parent));
  const tasks = Object.entries(tree).map(([id, [parentId, ...dependencies]]) => ({
    id,
    key: id,
    name: id,
    ...(parentId === null ? {} : { parentId }),
    ...(parents.has(id) ? {} : { executor: 'delay' }),
    inputs: {},
    dependencies: dependencies.map((task) => ({ task, ref: task, required: true, on: ['success'], enabled: true })),
    join: 'all',
    priority: 2,
    policies: {},
    allowFailure: false,
    capabilities: [],
    tags: [],
    metadata: {},
  }));
  const definition = { treeId: 't', tasks, inputs: {}, variables: {}, policies: {} };
  const all: readonly Happening[] = [
    ['TreeCreated', undefined, { definition, userId: 'local', seed: 't' }],
    ['RunStarted', undefined, {}],
    ...happenings,
  ];
  return all.map(([type, taskId, { attempt, ...data } = {}], index) => {
    const at = new Date(START_MS + index * stepMs).toISOString();
    const about = taskId === undefined ? {} : { taskId };
    const tried = attempt === undefined ? {} : { attempt };
    return { treeId: 't', seq: index + 1, at, v: 1, type, ...about, ...tried, data } as unknown as RunEvent;
  });
}

const error = { code: 'x/failed', message: 'it failed', retryable: true };

/** Logs of runs of generated trees: tasks start, progress, wait, retry and end in any order that is possible for one task. */
export function runEvents(maxTasks = 12): fc.Arbitrary<readonly RunEvent[]> {
  const parents = fc.array(fc.nat(), { minLength: 2, maxLength: maxTasks });
  const moves = fc.array(fc.tuple(fc.nat(), fc.nat(5)), { minLength: 4, maxLength: 60 });
  return fc.tuple(parents, moves, fc.integer({ min: 0, max: 5000 })).map(([links, picks, stepMs]) => {
    const ids = links.map((_, index) => `n${index}`);
    const tree = Object.fromEntries(
      links.map((link, index): [string, [string | null]] => [`n${index}`, [index === 0 ? null : `n${link % index}`]]),
    );
    const groups = new Set(Object.values(tree).map(([parent]) => parent));
    const leaves = ids.filter((id) => !groups.has(id));
    const state = new Map(leaves.map((id) => [id, { status: 'ready', attempt: 0 }]));
    const happenings: Happening[] = [];
    for (const [pick, move] of picks) {
      const id = leaves[pick % leaves.length] as string;
      const task = state.get(id) as { status: string; attempt: number };
      happenings.push(...step(id, task, move));
    }
    return logOf(tree, happenings, stepMs);
  });
}

/** The next thing that can happen to a task, or nothing when it has ended. */
function step(id: string, task: { status: string; attempt: number }, move: number): readonly Happening[] {
  if (task.status === 'ready') {
    task.status = 'running';
    task.attempt += 1;
    return [['TaskStarted', id, { attempt: task.attempt, input: {} }]];
  }
  const { attempt } = task;
  if (task.status === 'waiting') {
    task.status = 'ready';
    return [['TaskDue', id, {}]];
  }
  if (task.status !== 'running') return [];
  switch (move) {
    case 0:
      return [['TaskProgressed', id, { attempt, fraction: 0.5, message: 'half' }]];
    case 1:
      task.status = 'waiting';
      return [['RetryScheduled', id, { attempt, error, delayMs: 10, dueAt: new Date(START_MS).toISOString() }]];
    case 2:
      task.status = 'ready';
      return [['AttemptInterrupted', id, { attempt, reason: 'crash' }]];
    case 3:
      task.status = 'failed';
      return [['TaskFailed', id, { attempt, error, handled: false }]];
    default:
      task.status = 'completed';
      return [['TaskCompleted', id, { attempt, output: { value: 1 } }]];
  }
}
