/**
 * One tree in memory: its events, which never change, and what its tasks look like now. Nothing is written as text; whoever reads gets copies.
 */
import type { RunEvent, RunState, TaskDefinition, TaskRecord, TaskState, TreeId, TreeRecord } from '@coppice/core';
import { definitionHash } from '../record/definition-hash.ts';
import { reasonOf } from '../record/rows.ts';

/** The fields of a task record that a run changes. */
export type Execution = Pick<
  TaskRecord,
  | 'status'
  | 'attempt'
  | 'input'
  | 'output'
  | 'outputPort'
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

export interface MemoryTree {
  /** Counts the created trees: the order of listings. */
  readonly no: number;
  readonly treeId: TreeId;
  readonly userId: string;
  readonly rootIndex: number;
  readonly idempotencyKey: string | undefined;
  /** Replaced by every append; what is in it never changes. */
  record: Omit<TreeRecord, 'definitionHash'>;
  /** Made when it is asked for. */
  definitionHash: string | undefined;
  readonly events: RunEvent[];
  /** By declared position; a deleted task leaves a gap. */
  readonly definitions: (TaskDefinition | undefined)[];
  /** By declared position; undefined: nothing has happened to the task. */
  readonly executions: (Execution | undefined)[];
  /** Positions by id, made when one is looked for. */
  positions: Map<string, number> | undefined;
}

/** A task of a tree. */
export interface MemoryTask {
  readonly tree: MemoryTree;
  readonly index: number;
}

const UNTOUCHED: Execution = {
  status: 'pending',
  attempt: 0,
  input: null,
  output: null,
  outputPort: null,
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

export function changingRecordOf(run: RunState): MemoryTree['record'] {
  return {
    treeId: run.treeId,
    name: run.root.definition.name,
    userId: run.userId,
    status: run.status,
    seq: run.seq,
    counts: { ...run.counts },
    taskCount: run.byId.size,
    inputs: run.inputs,
    variables: run.variables,
    policies: run.policies,
    origin: run.origin ?? null,
    error: run.error ?? null,
    reason: reasonOf(run.reason) ?? null,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs ?? null,
    endedAtMs: run.endedAtMs ?? null,
    deadlineAtMs: run.deadlineAtMs ?? null,
  };
}

/** The record of the tree, shared with nobody. */
export function treeRecordOf(tree: MemoryTree): TreeRecord {
  const [created] = tree.events;
  if (created?.type === 'TreeCreated') tree.definitionHash ??= definitionHash(created.data.definition);
  return { ...copyOf(tree.record), definitionHash: tree.definitionHash ?? '' };
}

export function executionOf(task: TaskState): Execution {
  return {
    status: task.status,
    attempt: task.attempt,
    input: task.input ?? null,
    output: task.output,
    outputPort: task.port ?? null,
    error: task.error ?? null,
    reason: reasonOf(task.reason) ?? null,
    dueAtMs: task.dueAtMs ?? null,
    readyAtMs: task.readyAtMs ?? null,
    startedAtMs: task.startedAtMs ?? null,
    endedAtMs: task.endedAtMs ?? null,
    progress: task.progress ?? null,
    progressMessage: task.progressMessage ?? null,
    reused: task.reused,
  };
}

/** Status of the task at a position. */
export function statusAt(tree: MemoryTree, index: number): TaskRecord['status'] {
  return (tree.executions[index] ?? UNTOUCHED).status;
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
    notBeforeMs: definition.notBeforeMs ?? null,
    capabilities: definition.capabilities,
    tags: definition.tags,
    metadata: definition.metadata,
    originalTaskId: definition.originalTaskId ?? null,
    ...(tree.executions[index] ?? UNTOUCHED),
  });
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
