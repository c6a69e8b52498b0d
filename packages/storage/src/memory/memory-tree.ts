/**
 * One tree in memory: its events, which never change, and what its tasks look like now. Nothing is written as text; whoever reads gets copies.
 */
import type {
  RunEvent,
  RunState,
  TaskDefinition,
  TaskError,
  TaskRecord,
  TaskState,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import { definitionHash } from '../record/definition-hash.ts';
import { isUntouched, reasonOf } from '../record/rows.ts';

type Changing<T> = { -readonly [Field in keyof T]: T[Field] };

/** The fields of a task record that a run changes. Changed in place. */
type Execution = Changing<
  Pick<
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
  >
>;

export interface MemoryTree {
  /** Counts the created trees: the order of listings. */
  readonly no: number;
  readonly treeId: TreeId;
  readonly userId: string;
  readonly rootIndex: number;
  readonly idempotencyKey: string | undefined;
  /** Changed in place by every append; whoever reads it gets a copy. */
  readonly record: Changing<Omit<TreeRecord, 'definitionHash'>>;
  /** Made when it is asked for. */
  definitionHash: string | undefined;
  readonly events: RunEvent[];
  /** By declared position; a deleted task leaves a gap. */
  readonly definitions: (TaskDefinition | undefined)[];
  /** By declared position, as `definitions`; undefined: nothing has happened to the task. */
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
const NOTHING_RARE: Partial<Execution> = {
  outputPort: null,
  reason: null,
  dueAtMs: null,
  progress: null,
  progressMessage: null,
  reused: false,
};

export function newRecord(run: RunState): MemoryTree['record'] {
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
    error: null,
    reason: null,
    createdAtMs: run.createdAtMs,
    startedAtMs: null,
    endedAtMs: null,
    deadlineAtMs: null,
  };
}

/** Brings the record of a tree up to its run: an object for each append would be most of what the store allocates. */
export function updateRecord(record: MemoryTree['record'], run: RunState): void {
  record.name = run.root.definition.name;
  record.status = run.status;
  record.seq = run.seq;
  Object.assign(record.counts, run.counts);
  record.taskCount = run.byId.size;
  record.inputs = run.inputs;
  record.error = run.error ?? null;
  record.reason = reasonOf(run.reason) ?? null;
  record.startedAtMs = run.startedAtMs ?? null;
  record.endedAtMs = run.endedAtMs ?? null;
  record.deadlineAtMs = run.deadlineAtMs ?? null;
}

/** The record of the tree, shared with nobody. */
export function treeRecordOf(tree: MemoryTree): TreeRecord {
  const [created] = tree.events;
  if (created?.type === 'TreeCreated') tree.definitionHash ??= definitionHash(created.data.definition);
  return { ...copyOf(tree.record), definitionHash: tree.definitionHash ?? '' };
}

/** Brings what is known of a task's execution up to its state. */
export function updateExecution(tree: MemoryTree, task: TaskState): void {
  const execution = (tree.executions[task.index] ??= { ...UNTOUCHED });
  execution.status = task.status;
  execution.attempt = task.attempt;
  execution.input = task.input ?? null;
  execution.output = task.output;
  execution.outputPort = task.port ?? null;
  execution.cut = task.cut ?? null;
  execution.error = task.error ?? null;
  execution.reason = reasonOf(task.reason) ?? null;
  execution.dueAtMs = task.dueAtMs ?? null;
  execution.readyAtMs = task.readyAtMs ?? null;
  execution.startedAtMs = task.startedAtMs ?? null;
  execution.endedAtMs = task.endedAtMs ?? null;
  execution.progress = task.progress ?? null;
  execution.progressMessage = task.progressMessage ?? null;
  execution.reused = task.reused;
}

/** Shows the run, and the tasks that were under way, as failed. */
export function failAll({ record, executions }: MemoryTree, error: TaskError): void {
  record.status = 'failed';
  record.error = error;
  const { ready, running, waiting, failed } = record.counts;
  Object.assign(record.counts, { ready: 0, running: 0, waiting: 0, failed: failed + ready + running + waiting });
  for (const execution of executions) {
    if (execution !== undefined && UNDER_WAY.has(execution.status))
      Object.assign(execution, { ...NOTHING_RARE, status: 'failed', error });
  }
}

/** Brings a tree back to an earlier state of its run. */
export function restoreTree(tree: MemoryTree, run: RunState): void {
  updateRecord(tree.record, run);
  tree.events.length = run.seq;
  for (const task of run.tasks) {
    tree.definitions[task.index] = task.deleted ? undefined : task.definition;
    tree.executions[task.index] = undefined;
    if (!task.deleted && !isUntouched(task)) updateExecution(tree, task);
  }
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
    mustRun: definition.mustRun ?? false,
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
