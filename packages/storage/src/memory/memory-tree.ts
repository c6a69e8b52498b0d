/**
 * One tree in memory: its events, which never change, and what its tasks look like now. Nothing is written as text; whoever reads gets copies.
 */
import type {
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
  /** Counts the created trees: the order of listings. */
  readonly no: number;
  readonly treeId: TreeId;
  /** As the last append says; whoever reads it gets a copy. */
  facts: TreeFacts;
  /** Made when it is asked for. */
  definitionHash: string | undefined;
  readonly events: RunEvent[];
  /** By declared position, as appends have said; a deleted task leaves a gap. */
  readonly tasks: (TaskFacts | undefined)[];
  /** Positions by id, made when one is looked for. */
  positions: Map<string, number> | undefined;
}

/** A task of a tree. */
export interface MemoryTask {
  readonly tree: MemoryTree;
  readonly index: number;
}

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

/** Shows the run, and the tasks that were under way, as failed. */
export function failAll(tree: MemoryTree, error: TaskError): void {
  const { facts, tasks } = tree;
  const { ready, running, waiting, failed } = facts.counts;
  const counts = { ...facts.counts, ready: 0, running: 0, waiting: 0, failed: failed + ready + running + waiting };
  tree.facts = { ...facts, status: 'failed', error, counts };
  for (const [index, task] of tasks.entries()) {
    if (task !== undefined && UNDER_WAY.has(task.status))
      tasks[index] = { ...task, ...NOTHING_RARE, status: 'failed', error };
  }
}

/** Brings a tree back to an earlier state of its run. */
export function restoreTree(tree: MemoryTree, { tree: facts, tasks }: RunFacts): void {
  tree.facts = facts;
  tree.events.length = facts.seq;
  for (const task of tasks) tree.tasks[task.index] = task.deleted ? undefined : task;
}

/** The record of the task at a position, shared with nobody; undefined where there is none (any more). */
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

/** An event as a reader gets it. */
export function eventCopy({ type, seq, atMs, taskId, attempt, data }: RunEvent): RunEvent {
  return { type, seq, atMs, taskId, attempt, data: copyOf(data) } as RunEvent;
}

/** A copy as a file would give it back. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
