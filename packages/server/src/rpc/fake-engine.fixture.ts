/** A scripted engine for tests of the wire: a few stored rows, answers that a test sets, subscribers that a test feeds. */
import { DEFAULTS, shownDefinition } from '@coppice/core';
import type { RunEvent, TaskId, TaskRecord, TreeId, TreeIndex, TreeRecord } from '@coppice/core';
import { createExtensionRegistry } from '@coppice/engine';
import type { Engine, SubscribeOptions, Subscriber } from '@coppice/engine';

const AT_MS = Date.UTC(2026, 10, 20, 12);
const noCounts = { pending: 0, ready: 0, running: 0, waiting: 0, completed: 0, failed: 0, skipped: 0, cancelled: 0 };

export function treeRecord(treeId: string, more: Partial<TreeRecord> = {}): TreeRecord {
  return {
    treeId: treeId as TreeId,
    name: treeId,
    userId: 'local',
    status: 'created',
    seq: 1,
    counts: { ...noCounts, pending: 1 },
    taskCount: 1,
    inputs: {},
    variables: {},
    policies: {},
    definitionHash: 'hash',
    origin: null,
    error: null,
    reason: null,
    result: null,
    createdAtMs: AT_MS,
    startedAtMs: null,
    endedAtMs: null,
    deadlineAtMs: null,
    pauses: null,
    ...more,
  };
}

export function taskRecord(id: string, more: Partial<TaskRecord> = {}): TaskRecord {
  const definition = { ...DEFAULTS, id: id as TaskId, key: id, name: id, executor: 'delay' };
  return {
    ...shownDefinition(definition),
    treeId: (more.treeId ?? id) as TreeId,
    index: 0,
    status: 'pending',
    attempt: 0,
    input: null,
    output: null,
    outputPort: null,
    cut: null,
    error: null,
    reason: null,
    dueAtMs: null,
    readyAtMs: null,
    startedAtMs: null,
    endedAtMs: null,
    progress: null,
    progressMessage: null,
    reused: false,
    ...more,
  };
}

export function runEvent(seq: number, more: Partial<RunEvent> = {}): RunEvent {
  return { type: 'TaskDue', seq, atMs: AT_MS, taskId: 'a', attempt: undefined, data: {}, ...more } as RunEvent;
}

interface Subscription {
  readonly options: SubscribeOptions;
  readonly subscriber: Subscriber;
}

export interface FakeEngine extends Engine {
  readonly subscriptions: Set<Subscription>;
  readonly tasks: TaskRecord[];
  readonly trees: TreeRecord[];
}

/** An engine with the given rows. What a test does not set and the fake does not know throws, as a fault of ours would. */
export function fakeEngine(overrides: Partial<Engine> = {}): FakeEngine {
  const tasks: TaskRecord[] = [];
  const trees: TreeRecord[] = [];
  const subscriptions = new Set<Subscription>();
  const notScripted = (): never => {
    throw new Error('secret internal text: not scripted');
  };
  const index = new Proxy({} as TreeIndex, {
    get: (_target, name) => rows[name as keyof typeof rows] ?? notScripted,
  });
  const rows = {
    findTask: (id: string) => Promise.resolve(tasks.find((task) => task.id === id)),
    findTree: (id: string) => Promise.resolve(trees.find((tree) => tree.treeId === id)),
    listTasks: (treeId: string) => Promise.resolve(tasks.filter((task) => task.treeId === treeId)),
    listChildren: (id: string) => Promise.resolve(tasks.filter((task) => task.parentId === id)),
    listCopies: () => Promise.resolve([]),
    list: (filter: { userId?: string }) =>
      Promise.resolve({
        items: trees
          .filter((tree) => filter.userId === undefined || tree.userId === filter.userId)
          .map((tree) => ({ task: taskRecord(tree.treeId), runStatus: tree.status, userId: tree.userId })),
      }),
    count: () => Promise.resolve({ created: trees.length }),
  };
  const engine: Partial<Engine> = {
    validate: () => Promise.resolve([]),
    enter: () => Promise.resolve({ ok: true, value: { isLate: false, use: () => {}, leave: () => {} } }),
    start: () => Promise.resolve([]),
    stop: () => {
      for (const { subscriber } of subscriptions) subscriber.end?.('shutdown');
      return Promise.resolve();
    },
    subscribe: (options, subscriber) => {
      const subscription = { options, subscriber };
      subscriptions.add(subscription);
      return () => void subscriptions.delete(subscription);
    },
    events: () => Promise.resolve({ ok: true, value: [] }),
    running: () => [],
    gates: () => [],
    health: () =>
      Promise.resolve({
        status: 'ok',
        live: true,
        ready: true,
        activeRuns: 0,
        pausedRuns: 0,
        holdCount: 0,
        runningTasks: 0,
        readyTasks: 0,
        lastCommitAgeMs: null,
        storeError: null,
        storeErrorCode: null,
        quarantined: [],
        cutLogs: [],
      }),
    index,
    registry: createExtensionRegistry(),
    ...overrides,
  };
  return new Proxy({ ...engine, subscriptions, tasks, trees } as FakeEngine, {
    get: (target, name) => target[name as keyof FakeEngine] ?? notScripted,
  });
}
