/**
 * One tree in memory: its events, which never change, and what its tasks look like now. Nothing is written as text; whoever reads gets copies.
 */
import type {
  RunEvent,
  RunFacts,
  TaskDefinition,
  TaskError,
  TaskFacts,
  TaskRecord,
  TreeFacts,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import { definitionHash } from '../record/definition-hash.ts';
import { isUntouched, reasonOf } from '../record/rows.ts';

export interface MemoryTree {
  /** Counts the created trees: the order of listings. */
  readonly no: number;
  readonly treeId: TreeId;
  readonly userId: string;
  readonly rootIndex: number;
  readonly idempotencyKey: string | undefined;
  /** As the last append says; whoever reads it gets a copy. */
  facts: TreeFacts;
  /** Made when it is asked for. */
  definitionHash: string | undefined;
  readonly events: RunEvent[];
  /** By declared position; a deleted task leaves a gap. */
  readonly definitions: (TaskDefinition | undefined)[];
  /** By declared position, as `definitions`; undefined: nothing has happened to the task. */
  readonly executions: (TaskFacts | undefined)[];
  /** Positions by id, made when one is looked for. */
  positions: Map<string, number> | undefined;
}

/** A task of a tree. */
export interface MemoryTask {
  readonly tree: MemoryTree;
  readonly index: number;
}

/** The fields of a task record that a run gives. */
type Execution = Pick<
  TaskRecord,
  | 'status'
  | 'attempt'
  | 'input'
  | 'output'
  | 'outputPort'
  | 'cut'
  | 'error'
  | 'reason'
  | 'dueAtMs'
  | 'readyAtMs'
  | 'startedAtMs'
  | 'endedAtMs'
  | 'progress'
  | 'progressMessage'
  | 'reused'
>;

const UNTOUCHED: Execution = {
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
};

const UNDER_WAY: ReadonlySet<TaskRecord['status']> = new Set(['ready', 'running', 'waiting'] as const);

/** What few tasks have, and a store forgets of a task that it shows as failed. */
const NOTHING_RARE: Partial<TaskFacts> = {
  port: undefined,
  reason: undefined,
  dueAtMs: undefined,
  progress: undefined,
  progressMessage: undefined,
  reused: false,
};

/** The record of the tree, shared with nobody. */
export function treeRecordOf(tree: MemoryTree): TreeRecord {
  const [created] = tree.events;
  if (created?.type === 'TreeCreated') tree.definitionHash ??= definitionHash(created.data.definition);
  const { facts } = tree;
  return copyOf({
    treeId: facts.treeId,
    name: facts.name,
    userId: facts.userId,
    status: facts.status,
    seq: facts.seq,
    counts: facts.counts,
    taskCount: facts.taskCount,
    inputs: facts.inputs,
    variables: facts.variables,
    policies: facts.policies,
    definitionHash: tree.definitionHash ?? '',
    origin: facts.origin ?? null,
    error: facts.error ?? null,
    reason: reasonOf(facts.reason) ?? null,
    createdAtMs: facts.createdAtMs,
    startedAtMs: facts.startedAtMs ?? null,
    endedAtMs: facts.endedAtMs ?? null,
    deadlineAtMs: facts.deadlineAtMs ?? null,
  });
}

function executionOf(facts: TaskFacts): Execution {
  return {
    status: facts.status,
    attempt: facts.attempt,
    input: facts.input ?? null,
    output: facts.output,
    outputPort: facts.port ?? null,
    cut: facts.cut ?? null,
    error: facts.error ?? null,
    reason: reasonOf(facts.reason) ?? null,
    dueAtMs: facts.dueAtMs ?? null,
    readyAtMs: facts.readyAtMs ?? null,
    startedAtMs: facts.startedAtMs ?? null,
    endedAtMs: facts.endedAtMs ?? null,
    progress: facts.progress ?? null,
    progressMessage: facts.progressMessage ?? null,
    reused: facts.reused,
  };
}

/** Shows the run, and the tasks that were under way, as failed. */
export function failAll(tree: MemoryTree, error: TaskError): void {
  const { facts, executions } = tree;
  const { ready, running, waiting, failed } = facts.counts;
  const counts = { ...facts.counts, ready: 0, running: 0, waiting: 0, failed: failed + ready + running + waiting };
  tree.facts = { ...facts, status: 'failed', error, counts };
  for (const [index, execution] of executions.entries()) {
    if (execution !== undefined && UNDER_WAY.has(execution.status))
      executions[index] = { ...execution, ...NOTHING_RARE, status: 'failed', error };
  }
}

/** Brings a tree back to an earlier state of its run. */
export function restoreTree(tree: MemoryTree, { tree: facts, tasks }: RunFacts): void {
  tree.facts = facts;
  tree.events.length = facts.seq;
  for (const task of tasks) {
    tree.definitions[task.index] = task.deleted ? undefined : task.definition;
    tree.executions[task.index] = task.deleted || isUntouched(task) ? undefined : task;
  }
}

/** Status of the task at a position. */
export function statusAt(tree: MemoryTree, index: number): TaskRecord['status'] {
  return tree.executions[index]?.status ?? UNTOUCHED.status;
}

/** The record of the task at a position, shared with nobody; undefined where there is none (any more). */
export function taskRecordAt(tree: MemoryTree, index: number): TaskRecord | undefined {
  const definition = tree.definitions[index];
  if (definition === undefined) return undefined;
  return copyOf({
    id: definition.id,
    treeId: tree.treeId,
    parentId: definition.parentId ?? null,
    index,
    key: definition.key,
    name: definition.name,
    executor: definition.executor ?? null,
    inputs: definition.inputs,
    dependencies: definition.dependencies,
    join: definition.join,
    priority: definition.priority,
    policies: definition.policies,
    port: definition.port ?? null,
    allowFailure: definition.allowFailure,
    mustRun: definition.mustRun ?? false,
    notBeforeMs: definition.notBeforeMs ?? null,
    capabilities: definition.capabilities,
    tags: definition.tags,
    metadata: definition.metadata,
    originalTaskId: definition.originalTaskId ?? null,
    ...executionAt(tree, index),
  });
}

function executionAt({ executions }: MemoryTree, index: number): Execution {
  const facts = executions[index];
  return facts === undefined ? UNTOUCHED : executionOf(facts);
}

/** Records of all tasks of a tree, in declared order. */
export function taskRecordsOf(tree: MemoryTree | undefined): TaskRecord[] {
  if (tree === undefined) return [];
  return tree.definitions.flatMap((_, index) => taskRecordAt(tree, index) ?? []);
}

/** An event as a reader gets it. */
export function eventCopy({ type, seq, atMs, taskId, attempt, data }: RunEvent): RunEvent {
  return { type, seq, atMs, taskId, attempt, data: copyOf(data) } as RunEvent;
}

/** A copy as a file would give it back. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
