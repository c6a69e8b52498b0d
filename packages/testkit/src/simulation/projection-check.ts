/** Invariant 2 for rows: what a store answers for a tree is what the fold of its log says. */
import assert from 'node:assert/strict';
import { treeFacts, type RunState, type TaskRecord, type TaskState, type TreeRecord } from '@coppice/core';

type RowFields = Partial<Record<keyof TaskRecord, unknown>>;

/** The fields of a task's row that the fold determines. */
function rowOf(task: TaskState): RowFields {
  const { definition, reason } = task;
  return {
    parentId: definition.parentId ?? null,
    index: task.index,
    name: definition.name,
    executor: definition.executor ?? null,
    priority: definition.priority,
    status: task.status,
    attempt: task.attempt,
    input: task.input ?? null,
    output: task.output,
    outputPort: task.port ?? null,
    error: task.error ?? null,
    reason: reason === undefined ? null : { code: reason.code, message: reason.message },
    dueAtMs: task.waiting?.untilMs ?? null,
    readyAtMs: task.readyAtMs ?? null,
    startedAtMs: task.startedAtMs ?? null,
    endedAtMs: task.endedAtMs ?? null,
    progress: task.progress ?? null,
    progressMessage: task.progressMessage ?? null,
    reused: task.reused,
  };
}

/** Throws an AssertionError that names the first row which differs. */
export function checkRows(run: RunState, tree: TreeRecord | undefined, tasks: readonly TaskRecord[]): void {
  assert.ok(tree !== undefined, `Tree ${run.treeId} has no row`);
  const { seq, status, counts, pauses } = tree;
  assert.deepEqual(
    { seq, status, counts, pauses, error: tree.error, endedAtMs: tree.endedAtMs, startedAtMs: tree.startedAtMs },
    {
      seq: run.seq,
      status: run.status,
      counts: run.counts,
      pauses: treeFacts(run).pauses ?? null,
      error: run.error ?? null,
      endedAtMs: run.endedAtMs ?? null,
      startedAtMs: run.startedAtMs ?? null,
    },
    `Row of tree ${run.treeId}`,
  );
  const alive = run.tasks.filter((task) => !task.deleted);
  assert.deepEqual(
    tasks.map((task) => task.id).toSorted(),
    alive.map((task) => task.id).toSorted(),
    'Tasks that have a row',
  );
  const byId = new Map(tasks.map((task) => [task.id, task]));
  for (const task of alive) {
    const record = byId.get(task.id);
    const expected = rowOf(task);
    const actual = Object.fromEntries(Object.keys(expected).map((key) => [key, record?.[key as keyof TaskRecord]]));
    assert.deepEqual(actual, expected, `Row of task ${task.id} at ${run.seq}`);
  }
}
