/** One tree in memory: the same rows as in the file, so that nothing is shared with a caller and both stores answer alike. */
import { EVENT_VERSION, type RunEvent, type RunState, type TaskState } from '@coppice/core';
import { EVENT_CODES, RUN_STATUS_CODES, TASK_STATUS_CODES } from '../record/codes.ts';
import { creationText } from '../record/creation-parts.ts';
import type { EventRow } from '../record/event-row.ts';
import {
  countsText,
  isUntouched,
  listText,
  objectText,
  rareText,
  reasonOf,
  UNTOUCHED,
  valueText,
  type DefinitionRow,
  type ExecutionRow,
  type TreeRow,
} from '../record/rows.ts';

export interface MemoryTask {
  readonly tree: MemoryTree;
  definition: DefinitionRow;
  execution: ExecutionRow;
}

export interface MemoryTree {
  /** Counts the created trees: the order of listings. */
  readonly no: number;
  readonly rootIndex: number;
  readonly idempotencyKey: string | undefined;
  row: TreeRow;
  readonly events: EventRow[];
  /** By declared position; a deleted task leaves a gap. */
  readonly tasks: (MemoryTask | undefined)[];
}

export function eventRow(event: RunEvent): EventRow {
  return {
    seq: event.seq,
    atMs: event.atMs,
    type: EVENT_CODES[event.type],
    version: EVENT_VERSION,
    taskId: event.taskId ?? null,
    attempt: event.attempt ?? null,
    ...(event.type === 'TreeCreated' ? creationText(event.data) : { data: objectText(event.data) }),
  };
}

export function treeRow(run: RunState): TreeRow {
  return {
    id: run.treeId,
    name: run.root.definition.name,
    userId: run.userId,
    status: RUN_STATUS_CODES[run.status],
    seq: run.seq,
    counts: countsText(run.counts),
    taskCount: run.byId.size,
    inputs: objectText(run.inputs),
    variables: objectText(run.variables),
    policies: objectText(run.policies),
    definitionHash: run.definitionHash,
    origin: valueText(run.origin),
    error: valueText(run.error),
    reason: valueText(reasonOf(run.reason)),
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs ?? null,
    endedAtMs: run.endedAtMs ?? null,
    deadlineAtMs: run.deadlineAtMs ?? null,
  };
}

export function definitionRow(treeId: string, { index, definition }: TaskState): DefinitionRow {
  return {
    id: definition.id,
    treeId,
    parentId: definition.parentId ?? null,
    index,
    key: definition.key,
    name: definition.name,
    executor: definition.executor ?? null,
    inputs: objectText(definition.inputs),
    dependencies: listText(definition.dependencies),
    join: definition.join,
    priority: definition.priority,
    policies: objectText(definition.policies),
    port: definition.port ?? null,
    allowFailure: definition.allowFailure ? 1 : 0,
    notBeforeMs: definition.notBeforeMs ?? null,
    capabilities: listText(definition.capabilities),
    tags: listText(definition.tags),
    metadata: objectText(definition.metadata),
    originalTaskId: definition.originalTaskId ?? null,
  };
}

export function executionRow(task: TaskState): ExecutionRow {
  if (isUntouched(task)) return UNTOUCHED;
  return {
    status: TASK_STATUS_CODES[task.status],
    attempt: task.attempt,
    input: valueText(task.input),
    output: valueText(task.output),
    readyAtMs: task.readyAtMs ?? null,
    startedAtMs: task.startedAtMs ?? null,
    endedAtMs: task.endedAtMs ?? null,
    rare: rareText(task),
  };
}
