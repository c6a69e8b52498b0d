/** The fields of a tree's row that appends change. */
import type { TaskFacts, TreeFacts } from '@coppice/core';
import { RUN_STATUS_CODES, TASK_STATUS_CODES } from '../record/codes.ts';
import { objectText, reasonOf, valueText } from '../record/rows.ts';
import type { SqlValue } from './multi-row.ts';

/** Statuses that only tasks of an active run can have. These bits are exact; other bits mean that a task had the status at some time. */
const ACTIVE_BITS =
  (1 << TASK_STATUS_CODES.ready) | (1 << TASK_STATUS_CODES.running) | (1 << TASK_STATUS_CODES.waiting);

/** SQL for the fields that every append changes. */
export const PROGRESS = `seq = ?, counts = ?, task_statuses = (task_statuses & ~${ACTIVE_BITS}) | ?`;

/** SQL for the fields that few events change, see `runFields`. */
export const RUN_FIELDS =
  'status = ?, inputs = ?, error = ?, reason = ?, result = ?, started_at_ms = ?, ended_at_ms = ?, deadline_at_ms = ?, pauses = ?';

export function runFields(run: TreeFacts): SqlValue[] {
  return [
    RUN_STATUS_CODES[run.status],
    objectText(run.inputs),
    valueText(run.error),
    valueText(reasonOf(run.reason)),
    valueText(run.result),
    run.startedAtMs ?? null,
    run.endedAtMs ?? null,
    run.deadlineAtMs ?? null,
    valueText(run.pauses),
  ];
}

/** All statuses that tasks have at creation. Tasks whose outcome a copy carried over are not selected, so the counts do not hold them. */
export function initialBits(tasks: readonly TaskFacts[]): number {
  let bits = 0;
  for (const { status } of tasks) bits |= 1 << TASK_STATUS_CODES[status];
  return bits;
}

export function statusBits({ counts }: TreeFacts): number {
  return (
    (counts.pending > 0 ? 1 << TASK_STATUS_CODES.pending : 0) |
    (counts.ready > 0 ? 1 << TASK_STATUS_CODES.ready : 0) |
    (counts.running > 0 ? 1 << TASK_STATUS_CODES.running : 0) |
    (counts.waiting > 0 ? 1 << TASK_STATUS_CODES.waiting : 0) |
    (counts.completed > 0 ? 1 << TASK_STATUS_CODES.completed : 0) |
    (counts.failed > 0 ? 1 << TASK_STATUS_CODES.failed : 0) |
    (counts.skipped > 0 ? 1 << TASK_STATUS_CODES.skipped : 0) |
    (counts.cancelled > 0 ? 1 << TASK_STATUS_CODES.cancelled : 0)
  );
}
