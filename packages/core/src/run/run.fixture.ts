/**
 * Scenarios for the run's tests: given a tree, when commands, then events.
 *
 * After every command the scenario itself checks invariants 1 and 2: no gap in the sequence, and the fold of the log as a store
 * would give it back (through JSON) equal to the live state, with counters that a new count confirms.
 */
import type { Json, JsonObject, SignalHandlerFunction, TaskError, TaskId, TreeId } from '@coppice/extension';
import assert from 'node:assert/strict';
import type { Rejection } from '../errors/rejection.ts';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import type { TreeDefinition } from '../task/task.ts';
import { readsIn } from '../ports/expressions.fixture.ts';
import type { ExpressionEvaluator } from '../ports/expressions.ts';
import { testSchemas } from '../ports/schemas.fixture.ts';
import { validateTree } from '../validate/validate-tree.ts';
import type { CreateCommand, DecideContext, RunCommand } from './command.ts';
import { recount } from './counts.ts';
import { create, decide } from './decide.ts';
import type { RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import { NO_SECRETS } from './secret-marks.ts';
import { fromSnapshot, toSnapshot, type RunSnapshot } from './snapshot.ts';
import type { RunState, TaskState } from './state.ts';

/** Paths like `deps.a.value`, or `left == right` of paths and JSON literals. An unknown property is an error, as in CEL. */
export const pathExpressions: ExpressionEvaluator = {
  check: () => undefined,
  reads: readsIn,
  evaluate(expression, scope) {
    const [left, right] = expression.split('==').map((side) => valueOf(side.trim(), scope));
    return right === undefined ? (left as Json) : JSON.stringify(left) === JSON.stringify(right);
  },
};

function valueOf(text: string, scope: Readonly<Record<string, Json>>): Json {
  if (/^["\d]|^(true|false|null)$/.test(text)) return JSON.parse(text) as Json;
  let value: Json = scope;
  for (const key of text.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      throw new Error(`No such property: ${key}`);
    value = (value as JsonObject)[key] as Json;
  }
  return value;
}

/** A validated definition; tasks have ids, and any executor name is known. */
export function definitionFor(submission: TreeSubmission): TreeDefinition {
  const validated = validateTree(submission, {
    treeId: 'tree' as TreeId,
    expressions: pathExpressions,
    findExecutor: () => ({ ports: 'dynamic', checkInputs: () => [] }),
    executorTypes: [],
    backoffs: new Set(['constant']),
    schemas: testSchemas,
  });
  if (!validated.ok) throw new Error(JSON.stringify(validated.rejection, undefined, 2));
  return validated.value;
}

/** Tasks below a root group `root`, written as `{ id: dependencies }` or `{ id: submission }`; each has the executor `work` unless it says `group: true`. */
export function tasksOf(
  tasks: Readonly<Record<string, readonly string[] | TaskShape>>,
  root: Partial<TaskSubmission> = {},
): TaskSubmission[] {
  const below = Object.entries(tasks).map(([id, shape]): TaskSubmission => {
    const { group, ...more } = isList(shape) ? { dependencies: shape, group: false } : shape;
    return { id, parentId: 'root', ...(group === true ? {} : { executor: 'work' }), ...more };
  });
  return [{ id: 'root', ...root }, ...below];
}

function isList(shape: readonly string[] | TaskShape): shape is readonly string[] {
  return Array.isArray(shape);
}

export type TaskShape = Partial<TaskSubmission> & { readonly group?: boolean };

export interface ScenarioOptions extends Omit<TreeSubmission, 'tasks'> {
  readonly defaultTimeoutMs?: number;
  /** Check the invariants after each command; off for trees of thousands. Default true. */
  readonly checks?: boolean;
  readonly definition?: TreeDefinition;
}

export class Scenario {
  readonly log: RunEvent[] = [];
  readonly run: RunState;
  nowMs = 1_000;
  /** Handlers of signals, by the name of the signal. */
  readonly signalHandlers = new Map<string, SignalHandlerFunction>();
  readonly #defaultTimeoutMs: number;
  readonly #checks: boolean;

  constructor(tasks: readonly TaskSubmission[], options: ScenarioOptions = {}) {
    const { defaultTimeoutMs = 0, checks = true, definition, ...more } = options;
    this.#defaultTimeoutMs = defaultTimeoutMs;
    this.#checks = checks;
    const command: CreateCommand = {
      definition: definition ?? definitionFor({ ...more, tasks }),
      userId: 'ann',
      seed: 'seed',
    };
    const { run, event } = create(command, this.context());
    this.run = run;
    this.log.push(event);
    this.check();
  }

  context(): DecideContext {
    return {
      nowMs: this.nowMs,
      expressions: pathExpressions,
      backoffs: new Map([['constant', () => 77]]),
      env: { HOME: '/home/ann' },
      secrets: NO_SECRETS,
      schemas: testSchemas,
      defaultTimeoutMs: this.#defaultTimeoutMs,
      signalHandlers: this.signalHandlers,
      updated: ({ tasks }, taskId, inputs) => {
        const task = tasks.find(({ id }) => id === taskId) as TreeDefinition['tasks'][number];
        return { ok: true, value: { ...task, inputs } };
      },
    };
  }

  /** The events of an accepted command, as lines. */
  when(command: RunCommand): readonly string[] {
    return this.decide(command).map(lineOf);
  }

  /** The events of an accepted command, given as a copy: a command that is more than data can not be copied. */
  decide(command: RunCommand): readonly RunEvent[] {
    const decision = decide(this.run, structuredClone(command), this.context());
    if (!decision.ok) throw new Error(`${command.type} was refused: ${decision.rejection.message}`);
    this.log.push(...decision.value);
    this.check();
    return decision.value;
  }

  /** The rejection of a refused command, which must have changed nothing. */
  refused(command: RunCommand): Rejection {
    const before = JSON.stringify(toSnapshot(this.run));
    const decision = decide(this.run, command, this.context());
    if (decision.ok) throw new Error(`${command.type} was accepted: ${decision.value.map(lineOf).join(', ')}`);
    assert.equal(JSON.stringify(toSnapshot(this.run)), before, 'A refused command changed the state');
    return decision.rejection;
  }

  execute(taskId?: string): readonly string[] {
    return this.when({ type: 'execute', taskIds: taskId === undefined ? undefined : [taskId as TaskId] });
  }

  start(...ids: string[]): readonly string[] {
    return this.when({ type: 'start', taskIds: ids as TaskId[] });
  }

  /** Completes a task that writes to variables. */
  write(id: string, patch: JsonObject, output: Json = null): readonly string[] {
    if (this.task(id).status === 'ready') this.start(id);
    const { attempt } = this.task(id);
    return this.when({ type: 'complete', taskId: id as TaskId, attempt, outcome: { output, patch } });
  }

  complete(id: string, output: Json = null, port?: string): readonly string[] {
    if (this.task(id).status === 'ready') this.start(id);
    return this.when({
      type: 'complete',
      taskId: id as TaskId,
      attempt: this.task(id).attempt,
      outcome: { output, port },
    });
  }

  fail(id: string, error: Partial<TaskError> = {}): readonly string[] {
    if (this.task(id).status === 'ready') this.start(id);
    return this.when({ type: 'fail', taskId: id as TaskId, attempt: this.task(id).attempt, error: errorOf(error) });
  }

  due(id: string): readonly string[] {
    return this.when({ type: 'due', taskId: id as TaskId });
  }

  cancel(id?: string): readonly string[] {
    return this.when({ type: 'cancel', taskId: id as TaskId | undefined });
  }

  retry(
    mode: 'start' | 'failure' | 'task',
    more: { taskId?: string; cascade?: boolean; inputs?: JsonObject } = {},
  ): readonly string[] {
    return this.when({ type: 'retry', mode, ...more, taskId: more.taskId as TaskId | undefined });
  }

  /** Completes whatever is ready, in order, until nothing is. */
  completeAll(output: Json = null): void {
    for (let ids = this.ids('ready'); ids.length > 0; ids = this.ids('ready'))
      for (const id of ids) this.complete(id, output);
  }

  task(id: string): TaskState {
    const task = this.run.byId.get(id as TaskId);
    if (task === undefined) throw new Error(`No task ${id}`);
    return task;
  }

  /** Ids of the tasks with a status, in declared order. */
  ids(status: TaskState['status']): string[] {
    return this.run.tasks.filter((task) => task.status === status && !task.deleted).map((task) => task.id);
  }

  /** `a:completed b:failed …` of all tasks but the root. */
  get statuses(): string {
    const tasks = this.run.tasks.filter((task) => task !== this.run.root && !task.deleted);
    return tasks.map((task) => `${task.id}:${task.status}`).join(' ');
  }

  check(): void {
    if (this.#checks) checkFold(this.run, this.log);
  }
}

/** Invariants 1 and 2 for a live state and its log. */
export function checkFold(run: RunState, log: readonly RunEvent[]): void {
  assert.deepEqual(
    log.map((event) => event.seq),
    log.map((_, index) => index + 1),
  );
  const stored = JSON.parse(JSON.stringify(log)) as { taskId?: TaskId; attempt?: number }[];
  const folded = fold(
    stored.map((event) => ({ taskId: undefined, attempt: undefined, ...event }) as unknown as RunEvent),
  ) as RunState;
  const live = plain(run);
  assert.deepEqual(plain(folded), live);
  assert.deepEqual(plain(fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(run))) as RunSnapshot)), live);
  for (const { status, waiting } of run.tasks) assert.equal(waiting !== undefined, status === 'waiting');
  recount(folded);
  assert.deepEqual(plain(folded), live);
}

/** Everything in a state that two equal ones share, as JSON. */
function plain(run: RunState): unknown {
  const scopeOf = (scope: TaskState['scope']) => ({
    open: scope.open,
    unhandled: scope.unhandled,
    members: scope.members.map((task) => task.id),
  });
  return JSON.parse(
    JSON.stringify({
      snapshot: toSnapshot(run),
      counts: run.counts,
      executing: run.executing,
      hasBegun: run.hasBegun,
      selectedCount: run.selectedCount,
      scope: scopeOf(run.scope),
      tasks: run.tasks.map((task) => ({
        id: task.id,
        unsettled: task.unsettled,
        fired: task.fired,
        children: task.children.map((child) => child.id),
        group: task.group === undefined ? null : scopeOf(task.group),
      })),
    }),
  );
}

export function errorOf(error: Partial<TaskError> = {}): TaskError {
  return { code: 'test/failed', message: 'It failed', retryable: true, ...error };
}

/** `TaskCompleted a ready=b,c dead=d:trigger`. */
export function lineOf(event: RunEvent): string {
  const parts: string[] = [event.type];
  if (event.taskId !== undefined)
    parts.push(event.attempt === undefined ? event.taskId : `${event.taskId}/${event.attempt}`);
  const data = event.data as {
    ready?: readonly string[];
    dead?: readonly { task: string; because: string }[];
    reset?: readonly string[];
    selection?: readonly string[];
    error?: TaskError;
    handled?: boolean;
    reason?: { code: string } | string;
    delayMs?: number;
  };
  if (data.reset !== undefined) parts.push(`reset=${data.reset.join()}`);
  if (data.selection !== undefined) parts.push(`selection=${data.selection.join()}`);
  if (data.ready !== undefined) parts.push(`ready=${data.ready.join()}`);
  if (data.dead !== undefined) parts.push(`dead=${data.dead.map((edge) => `${edge.task}:${edge.because}`).join()}`);
  if (data.error !== undefined) parts.push(`error=${data.error.code}`);
  if (data.handled === true) parts.push('handled');
  if (data.reason !== undefined)
    parts.push(`reason=${typeof data.reason === 'string' ? data.reason : data.reason.code}`);
  if (data.delayMs !== undefined) parts.push(`delayMs=${data.delayMs}`);
  return parts.join(' ');
}
