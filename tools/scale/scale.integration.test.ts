/** "recursive walks overflow at depth 1,500": trees of 10,000 tasks, deep and wide, through the real engine on a real file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Executor, Outcome, TaskId, TaskSubmission } from '@coppice/core';
import { createEngine, type Engine, type ExtensionRegistry } from '@coppice/engine';
import { SqliteStore } from '@coppice/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SIZE = 10_000;
const MS_MAX = 180_000;

/** While set, tasks run until they are aborted. */
let isHeld = false;
const work: Executor = {
  type: 'work',
  description: 'Does nothing, or waits for its signal',
  effects: 'pure',
  execute: (_input, { signal }) =>
    isHeld ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('Aborted')))) : null,
};
const registry: ExtensionRegistry = {
  extensions: [],
  findExecutor: (type) => (type === work.type ? work : undefined),
  listExecutors: () => [work],
  listHooks: () => [],
  listObservers: () => [],
  backoffs: new Map(),
  merges: new Map(),
  signalHandlers: new Map(),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coppice-scale-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (index: number) => `t${index}`;
const tasks = (shape: (index: number) => Partial<TaskSubmission>): TaskSubmission[] => [
  { id: 'root' },
  ...Array.from({ length: SIZE }, (_, index) => ({
    id: at(index),
    parentId: 'root',
    executor: 'work',
    ...shape(index),
  })),
];

/** A task nested in the one before; all but the last are groups. */
const nestedGroups: TaskSubmission[] = [
  { id: 'root' },
  ...Array.from({ length: SIZE }, (_, index) => ({
    id: at(index),
    parentId: index === 0 ? 'root' : at(index - 1),
    ...(index === SIZE - 1 ? { executor: 'work' } : {}),
  })),
];

const shapes: Readonly<Record<string, readonly TaskSubmission[]>> = {
  'a chain of 10,000': tasks((index) => (index === 0 ? {} : { dependencies: [at(index - 1)] })),
  '10,000 nested groups': nestedGroups,
  '10,000 nested tasks with executors': tasks((index) => (index === 0 ? {} : { parentId: at(index - 1) })),
  '10,000 side by side and one that waits for all': [
    ...tasks(() => ({})),
    {
      id: 'last',
      parentId: 'root',
      executor: 'work',
      dependencies: Array.from({ length: SIZE }, (_, index) => at(index)),
    },
  ],
};

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.rejection.code}: ${outcome.rejection.message}`);
}

const storeOf = (name: string): SqliteStore => new SqliteStore({ file: path.join(folder, `${name}.db`) });

async function openEngine(store: SqliteStore): Promise<Engine> {
  const engine = createEngine({ store, registry });
  await engine.start();
  return engine;
}

describe.each(Object.entries(shapes))('%s', (name, submitted) => {
  const file = name.replaceAll(/\W/g, '');

  it(
    'is created, run, listed, copied, cancelled, retried, recovered and deleted',
    async () => {
      let engine = await openEngine(storeOf(file));
      const treeId = valueOf(await engine.create({ tasks: submitted }, { userId: 'ann' }));
      valueOf(await engine.execute(treeId));
      expect(await engine.settled(treeId)).toBe('completed');
      expect(await engine.index.listTasks(treeId)).toHaveLength(submitted.length);
      expect((await engine.index.listChildren(treeId)).length).toBeGreaterThan(0);
      expect(valueOf(await engine.explain(at(SIZE - 1) as TaskId)).status).toBe('completed');

      const preview = valueOf(await engine.previewCopy(treeId, { mode: 'full' }));
      expect(preview).toHaveLength(submitted.length);
      const copyId = valueOf(await engine.copy(at(SIZE / 2) as TaskId, { mode: 'minimal', userId: 'ann' }));
      valueOf(await engine.execute(copyId));
      expect(await engine.settled(copyId)).toBe('completed');

      isHeld = true;
      valueOf(await engine.retry(treeId, { mode: 'start' }));
      valueOf(await engine.cancel(treeId));
      expect(await engine.settled(treeId)).toBe('cancelled');
      valueOf(await engine.retry(treeId, { mode: 'failure' }));
      await engine.stop({ graceMs: 0 });
      isHeld = false;

      const store = storeOf(file);
      engine = await openEngine(store);
      expect(await engine.settled(treeId)).toBe('completed');
      expect(await store.verifyLog(treeId)).toBeUndefined();
      expect(valueOf(await engine.delete(treeId))).toBe(submitted.length);
      await engine.stop();
    },
    MS_MAX,
  );
});
