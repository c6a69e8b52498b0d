/**
 * One tree in memory: its events, which never change, and the present facts of its tasks. Nothing is written as text. Readers get copies.
 */
import type {
  RareTaskFacts,
  RunEvent,
  RunFacts,
  TaskError,
  TaskFacts,
  TaskRecord,
  TreeFacts,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import { shownDefinition, shownExecution } from '@coppice/core';
import { definitionHash } from '../record/definition-hash.ts';
import { reasonOf } from '../record/rows.ts';

export interface MemoryTree {
  /** Number of the tree, counted up with each creation. It gives the order of listings. */
  readonly no: number;
  readonly treeId: TreeId;
  /** Facts of the last append. Readers get a copy. */
  facts: TreeFacts;
  /** Computed when it is asked for first. */
  definitionHash: string | undefined;
  readonly events: RunEvent[];
  /** Facts of tasks by declared position. A deleted task leaves a gap. */
  readonly tasks: (TaskFacts | undefined)[];
  /** Positions by id, made at the first look-up. */
  positions: Map<string, number> | undefined;
}

/** A task of a tree. */
export interface MemoryTask {
  readonly tree: MemoryTree;
  readonly index: number;
}

const UNDER_WAY: ReadonlySet<TaskRecord['status']> = new Set(['ready', 'running', 'waiting'] as const);

/** A store forgets these fields for a task that it shows as failed. */
const NOTHING_RARE: Omit<RareTaskFacts, 'error'> = {
  cut: undefined,
  port: undefined,
  reason: undefined,
  dueAtMs: undefined,
  progress: undefined,
  progressMessage: undefined,
  reused: false,
};

/** A new copy of the tree's record. */
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
    result: facts.result ?? null,
    createdAtMs: facts.createdAtMs,
    startedAtMs: facts.startedAtMs ?? null,
    endedAtMs: facts.endedAtMs ?? null,
    deadlineAtMs: facts.deadlineAtMs ?? null,
    pauses: facts.pauses ?? null,
  });
}

/** Shows the run and its tasks that have not ended as failed. */
export function failAll(tree: MemoryTree, error: TaskError): void {
  const { facts, tasks } = tree;
  const { ready, running, waiting, failed } = facts.counts;
  const counts = { ...facts.counts, ready: 0, running: 0, waiting: 0, failed: failed + ready + running + waiting };
  tree.facts = { ...facts, status: 'failed', error, counts };
  for (const [index, task] of tasks.entries()) {
    if (task !== undefined && UNDER_WAY.has(task.status))
      tasks[index] = { ...task, status: 'failed', rare: { ...NOTHING_RARE, error } };
  }
}

/** Brings a tree back to an earlier state of its run. */
export function restoreTree(tree: MemoryTree, { tree: facts, tasks }: RunFacts): void {
  tree.facts = facts;
  tree.events.length = facts.seq;
  tree.tasks.length = 0;
  tree.positions = undefined;
  for (const task of tasks) tree.tasks[task.index] = task.deleted ? undefined : task;
}

/** A new copy of the record of the task at a position; undefined when there is none or it was deleted. */
export function taskRecordAt({ treeId, tasks }: MemoryTree, index: number): TaskRecord | undefined {
  const task = tasks[index];
  if (task === undefined) return undefined;
  return copyOf({
    ...shownDefinition(task.definition),
    treeId,
    index,
    ...shownExecution(task),
  });
}

/** Records of all tasks of a tree, in declared order. */
export function taskRecordsOf(tree: MemoryTree | undefined): TaskRecord[] {
  if (tree === undefined) return [];
  return tree.tasks.flatMap((_, index) => taskRecordAt(tree, index) ?? []);
}

/** Copies an event for a reader. */
export function eventCopy({ type, seq, atMs, taskId, attempt, data, actor }: RunEvent): RunEvent {
  const event = { type, seq, atMs, taskId, attempt, data: copyOf(data) };
  return (actor === undefined ? event : { ...event, actor: copyOf(actor) }) as RunEvent;
}

/** Copies a value as if it had been written to a file and read again. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
