/** Trees and runs for the store's conformance suite: real commands, decided and folded by the core. */
import { afterEach, expect } from 'vitest';
import {
  appendOf,
  shownDefinition,
  shownExecution,
  taskFacts,
  treeFacts,
  create,
  decide,
  validateTree,
  type DecideContext,
  type ExpressionEvaluator,
  type TreeAppend,
  type RunCommand,
  type RunEvent,
  type RunState,
  type Store,
  type TaskId,
  type TaskRecord,
  type TaskState,
  type TreeId,
  type TreeRecord,
  type TreeSubmission,
  NO_SCHEMAS,
} from '@coppice/core';
import type { StoreHarness } from './store-conformance.ts';
import { plainContext } from './plain-context.ts';

/** Evaluates nothing: every expression is well formed and true. */
const trueExpressions: ExpressionEvaluator = { check: () => undefined, reads: () => [], evaluate: () => true };

const START_MS = 1_700_000_000_000;
const STEP_MS = 10;
/** Time at which the trees of these tests are created. */
export const CREATED_MS = START_MS + STEP_MS;

export interface TestRunOptions {
  readonly userId?: string;
  readonly idempotencyKey?: string;
}

/** One run, and those of its events that no store has been given yet. */
export interface TestRun {
  readonly treeId: TreeId;
  readonly state: RunState;
  /** All events so far. */
  readonly events: RunEvent[];
  /** Decides a command; its events wait for the next `part`. Throws when it is refused. */
  command(command: RunCommand): void;
  /** What waits, as a part of an append. */
  part(): TreeAppend;
  /** Appends what waits; when nothing does, it leaves the store alone. Throws when the store refuses it. */
  commit(store: Store): Promise<void>;
  /** Moves the run's clock. */
  passTo(timeMs: number): void;
  /** Starts all ready tasks, completes them with `output`, and so on to the end of the run; appends in between. */
  finish(store: Store): Promise<void>;
}

export function testRun(submission: TreeSubmission, options: TestRunOptions = {}, fallbackId = 'tree'): TestRun {
  let nowMs = START_MS;
  const context = (): DecideContext => plainContext({ nowMs: (nowMs += STEP_MS), expressions: trueExpressions });
  const definition = validateTree(submission, {
    treeId: fallbackId as TreeId,
    expressions: trueExpressions,
    findExecutor: () => ({ capabilities: ['gpu'], checkInputs: () => [] }),
    executorTypes: [],
    backoffs: new Set(),
    schemas: NO_SCHEMAS,
  });
  if (!definition.ok) throw new Error(`The test's tree is refused: ${JSON.stringify(definition.rejection)}`);
  const { userId = 'ann', idempotencyKey } = options;
  const created = create({ definition: definition.value, userId, seed: 'seed', idempotencyKey }, context());
  const state = created.run;
  const events: RunEvent[] = [created.event];
  let given = 0;
  const run: TestRun = {
    treeId: state.treeId,
    state,
    events,
    command: (command) => {
      const decision = decide(state, command, context());
      if (!decision.ok) throw new Error(`The test's command is refused: ${JSON.stringify(decision.rejection)}`);
      events.push(...decision.value);
    },
    part: () => {
      const part = appendOf(state, events.slice(given));
      given = events.length;
      return part;
    },
    commit: async (store) => {
      const [refused] = given < events.length ? await store.append([run.part()]) : [];
      if (refused !== undefined) throw new Error(`${refused.code}: ${refused.message}`);
    },
    passTo: (timeMs) => {
      nowMs = Math.max(nowMs, timeMs);
    },
    finish: async (store) => {
      for (let ready = readyTasks(state); ready.length > 0; ready = readyTasks(state)) {
        run.command({ type: 'start', taskIds: ready });
        await run.commit(store);
        for (const taskId of ready) {
          const attempt = state.byId.get(taskId)?.attempt ?? 0;
          run.command({ type: 'complete', taskId, attempt, outcome: { output: { done: taskId } } });
        }
        await run.commit(store);
      }
    },
  };
  return run;
}

export function readyTasks({ tasks }: RunState): TaskId[] {
  return tasks.filter(({ status }) => status === 'ready').map(({ id }) => id);
}

/** A created and stored tree: a root group with one task per name. */
export async function storedTree(
  store: Store,
  id: string,
  options: TestRunOptions & { readonly names?: readonly string[] } = {},
): Promise<TestRun> {
  const run = testRun(flatTree(id, options.names ?? ['one', 'two']), options);
  await run.commit(store);
  return run;
}

/** A group with one task per name under it; ids are `<id>` and `<id>-<name>`. */
export function flatTree(id: string, names: readonly string[]): TreeSubmission {
  const members = names.map((name) => ({ id: `${id}-${name}`, name, parentId: id, executor: 'work' }));
  return { tasks: [{ id, name: id }, ...members] };
}

export function taskId(id: string): TaskId {
  return id as TaskId;
}

/** The row that a task state must fold into, written down independently of any store. */
export function expectedTask({ treeId }: RunState, task: TaskState): TaskRecord {
  const { definition } = task;
  const record: TaskRecord = {
    ...shownDefinition(definition),
    treeId,
    index: task.index,
    ...shownExecution(taskFacts(task)),
  };
  return jsonCopy(record);
}

/** The row that a run state must fold into. */
export function expectedTree(run: RunState): TreeRecord {
  const record: Omit<TreeRecord, 'definitionHash'> = {
    treeId: run.treeId,
    name: run.root.definition.name,
    userId: run.userId,
    status: run.status,
    seq: run.seq,
    counts: run.counts,
    taskCount: run.tasks.filter((task) => !task.deleted).length,
    inputs: run.inputs,
    variables: run.variables,
    policies: run.policies,
    origin: run.origin ?? null,
    error: run.error ?? null,
    reason: run.reason === undefined ? null : { code: run.reason.code, message: run.reason.message },
    result: run.result ?? null,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs ?? null,
    endedAtMs: run.endedAtMs ?? null,
    deadlineAtMs: run.deadlineAtMs ?? null,
    pauses: treeFacts(run).pauses ?? null,
  };
  return { ...jsonCopy(record), definitionHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string };
}

/** What survives JSON: undefined members of events and states do not. */
export function jsonCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Gives each test of the surrounding block stores of its own. */
export function stores(harness: StoreHarness): () => Promise<Store> {
  const open: Store[] = [];
  afterEach(async () => {
    for (const store of open.splice(0)) await harness.dispose(store);
  });
  return async () => {
    const store = await harness.open();
    open.push(store);
    return store;
  };
}

/** Removes a whole tree, as it is stored; false: there is none. Throws when the store refuses it. */
export async function removeTree(store: Store, treeId: TreeId): Promise<boolean> {
  const log = await store.findLog(treeId);
  if (log === undefined) return false;
  const [refused] = await store.append([{ kind: 'treeRemoval', treeId, expectedSeq: log.seq }]);
  if (refused !== undefined) throw new Error(`${refused.code}: ${refused.message}`);
  return true;
}
