/** Where the rows of a tree are not what its log says. Invariants in tests and the audit of a store compare by the same list. */
import type { TaskRecord, TreeRecord } from '../ports/tree-index.ts';
import { treeFacts } from './facts.ts';
import type { RunState, TaskState } from './state.ts';

type Fields<Row> = Partial<Record<keyof Row, unknown>>;

/** The fields of a task's row that the fold determines. */
function taskFields(task: TaskState): Fields<TaskRecord> {
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

function treeFields(run: RunState): Fields<TreeRecord> {
  return {
    seq: run.seq,
    status: run.status,
    counts: run.counts,
    pauses: treeFacts(run).pauses ?? null,
    error: run.error ?? null,
    startedAtMs: run.startedAtMs ?? null,
    endedAtMs: run.endedAtMs ?? null,
  };
}

/** The rows that a store answers for a tree. */
export interface Rows {
  readonly tree: TreeRecord | undefined;
  readonly tasks: readonly TaskRecord[];
}

/** One sentence for each field of a row that differs from the fold. `isEqual` compares JSON values. */
export function* rowDifferences(
  run: RunState,
  { tree, tasks }: Rows,
  isEqual: (one: unknown, other: unknown) => boolean,
): Generator<string> {
  if (tree === undefined) {
    yield `Tree ${run.treeId} has no row`;
    return;
  }
  const differing = function* <Row>(row: Row, expected: Fields<Row>, of: string): Generator<string> {
    for (const name of Object.keys(expected) as (keyof Row & string)[]) {
      if (isEqual(row[name], expected[name])) continue;
      yield `Row of ${of}: ${name} is ${shown(row[name])}, the log says ${shown(expected[name])}`;
    }
  };
  yield* differing(tree, treeFields(run), `tree ${run.treeId}`);
  const rows = new Map(tasks.map((task) => [task.id, task]));
  for (const task of run.tasks) {
    if (task.deleted) continue;
    const row = rows.get(task.id);
    rows.delete(task.id);
    if (row === undefined) yield `Tasks that have a row: ${task.id} has none`;
    else yield* differing(row, taskFields(task), `task ${task.id}`);
  }
  for (const id of rows.keys()) yield `Tasks that have a row: ${id} is no task of the log`;
}

const SHOWN_MAX = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
