/**
 * Rows of a file, and the records that callers get from them.
 * Values are JSON texts; an empty object is stored as null. Each record is parsed anew, so callers never share one.
 */
import type {
  Json,
  RunStatus,
  ShownReason,
  TaskError,
  TaskFacts,
  TaskId,
  TaskListItem,
  TaskRecord,
  TaskStatus,
  TreeId,
  TreeRecord,
} from '@coppice/core';
import { shownDefinition, TASK_STATUSES } from '@coppice/core';
import { RUN_STATUS_OF, TASK_STATUS_OF } from './codes.ts';
import { derivedId, writtenDefinition } from './task-text.ts';

/** The columns of a task's definition. They are written when the task is created or updated; `task-text.ts` says what is left out. */
export interface DefinitionRow {
  readonly id: string | null;
  readonly treeId: string;
  /** Position of the tree's root. */
  readonly rootIndex: number;
  /** Position of the parent, and its id if that does not follow from it. */
  readonly parent: number | null;
  readonly parentId: string | null;
  readonly index: number;
  readonly key: string | null;
  readonly name: string;
  readonly executor: string | null;
  readonly dependencies: string | null;
  readonly rest: string | null;
}

/** The columns of a task's execution. All null: the task has not changed since it was created. */
export interface ExecutionRow {
  readonly status: number | null;
  readonly attempt: number | null;
  readonly input: string | null;
  readonly output: string | null;
  readonly readyAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Fields that few tasks have, see `RareFields`. */
  readonly rare: string | null;
}

export interface TreeRow {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly status: number;
  readonly seq: number;
  /** One number per task status, in the order of `TASK_STATUSES`. */
  readonly counts: string;
  readonly taskCount: number;
  readonly inputs: string | null;
  readonly variables: string | null;
  readonly policies: string | null;
  readonly definitionHash: string;
  readonly origin: string | null;
  readonly error: string | null;
  readonly reason: string | null;
  readonly result: string | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly deadlineAtMs: number | null;
  readonly pauses: string | null;
}

/** A row of a listing: the task with the run it belongs to, and its place in the order of the listing. */
export interface ListRow extends DefinitionRow, ExecutionRow {
  readonly runStatus: number;
  readonly userId: string;
  readonly treeNo: number;
}

type RareFields = Partial<
  Pick<TaskRecord, 'outputPort' | 'cut' | 'error' | 'reason' | 'dueAtMs' | 'progress' | 'progressMessage' | 'reused'>
>;

/** JSON text of an object; null when it has no key. */
export function objectText(value: object): string | null {
  for (const _ in value) return JSON.stringify(value);
  return null;
}

/** JSON text of a value; null when it is absent or null. */
export function valueText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** Text of the execution fields that few tasks have; null when the task has none of them. */
export function rareText({ rare }: TaskFacts): string | null {
  if (rare === undefined) return null;
  const { port, cut, error, reason, dueAtMs, progress, progressMessage, reused } = rare;
  const fields = { outputPort: port, cut, error, reason: reasonOf(reason), dueAtMs, progress, progressMessage };
  return JSON.stringify(reused ? { ...fields, reused } : fields);
}

/** The rare fields of a task of which only the error is known. */
export function errorText(error: TaskError): string {
  const rare: RareFields = { error };
  return JSON.stringify(rare);
}

/** The reason that rows show, without the evidence that the event holds. */
export function reasonOf(reason: ShownReason | undefined): ShownReason | undefined {
  if (reason === undefined) return undefined;
  const { code, message, by } = reason;
  return by === undefined ? { code, message } : { code, message, by };
}

/** True when no event has changed the task. A new task of this kind needs no execution row. */
export function isUntouched(task: TaskFacts): boolean {
  return (
    task.status === 'pending' &&
    task.attempt === 0 &&
    task.input === undefined &&
    task.output === null &&
    task.readyAtMs === undefined &&
    task.startedAtMs === undefined &&
    task.endedAtMs === undefined &&
    task.rare === undefined
  );
}

export function taskRecord(row: DefinitionRow, execution: ExecutionRow): TaskRecord {
  const rare = parse<RareFields>(execution.rare, {});
  const { treeId, rootIndex, index } = row;
  const idAt = (position: number): TaskId => derivedId(treeId, position, position === rootIndex);
  const definition = writtenDefinition(
    {
      key: row.key,
      name: row.name,
      parentId: row.parent === null ? null : (row.parentId ?? idAt(row.parent)),
      executor: row.executor,
      dependencies: parse(row.dependencies, []),
      rest: parse(row.rest, {}),
    },
    (row.id as TaskId | null) ?? idAt(index),
    idAt,
  );
  return {
    ...shownDefinition(definition),
    treeId: treeId as TreeId,
    index,
    status: taskStatus(execution.status),
    attempt: execution.attempt ?? 0,
    input: parse(execution.input, null),
    output: parse<Json>(execution.output, null),
    outputPort: rare.outputPort ?? null,
    cut: rare.cut ?? null,
    error: rare.error ?? null,
    reason: rare.reason ?? null,
    dueAtMs: rare.dueAtMs ?? null,
    readyAtMs: execution.readyAtMs,
    startedAtMs: execution.startedAtMs,
    endedAtMs: execution.endedAtMs,
    progress: rare.progress ?? null,
    progressMessage: rare.progressMessage ?? null,
    reused: rare.reused ?? false,
  };
}

export function treeRecord(row: TreeRow): TreeRecord {
  const counts = JSON.parse(row.counts) as readonly number[];
  return {
    treeId: row.id as TreeRecord['treeId'],
    name: row.name,
    userId: row.userId,
    status: runStatus(row.status),
    seq: row.seq,
    counts: Object.fromEntries(
      TASK_STATUSES.map((status, index) => [status, counts[index] ?? 0]),
    ) as TreeRecord['counts'],
    taskCount: row.taskCount,
    inputs: parse(row.inputs, {}),
    variables: parse(row.variables, {}),
    policies: parse(row.policies, {}),
    definitionHash: row.definitionHash,
    origin: parse<TreeRecord['origin']>(row.origin, null),
    error: parse<TreeRecord['error']>(row.error, null),
    reason: parse<TreeRecord['reason']>(row.reason, null),
    result: parse<TreeRecord['result']>(row.result, null),
    createdAtMs: row.createdAtMs,
    startedAtMs: row.startedAtMs,
    endedAtMs: row.endedAtMs,
    deadlineAtMs: row.deadlineAtMs,
    pauses: parse<TreeRecord['pauses']>(row.pauses, null),
  };
}

export function listItem(row: ListRow, task: TaskRecord): TaskListItem {
  return { task, runStatus: runStatus(row.runStatus), userId: row.userId };
}

export function taskStatus(code: number | null): TaskStatus {
  return TASK_STATUS_OF[code ?? 0] as TaskStatus;
}

export function runStatus(code: number): RunStatus {
  return RUN_STATUS_OF[code] as RunStatus;
}

/** Counts as a row has them. */
export function countsText(counts: TreeRecord['counts']): string {
  const { pending, ready, running, waiting, completed, failed, skipped, cancelled } = counts;
  return `[${pending},${ready},${running},${waiting},${completed},${failed},${skipped},${cancelled}]`;
}

function parse<T>(text: string | null, absent: T): T {
  return text === null ? absent : (JSON.parse(text) as T);
}
