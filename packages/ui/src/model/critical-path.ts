/**
 * The critical path of a run: the chain of tasks that made it as long as it was. To shorten a run, shorten one of them.
 *
 * Method: the last-arrival walk known from program activity graphs (C.-Q. Yang, B. P. Miller, "Critical Path Analysis for the
 * Execution of Parallel and Distributed Programs", ICDCS 1988), on recorded times: from the task that ended last, back to the
 * one whose end made it ready, and so on to the start. The log names that one, so nothing is guessed from times.
 */
import type { TimelineModel, TimelineRow } from './timeline-model.ts';

export interface CriticalStep {
  readonly taskId: string;
  /** When it became ready, and when it ended. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The parts of that time, ms: in attempts, and waiting for a limit, a back-off or a delay. */
  readonly runningMs: number;
  readonly waitingMs: number;
}

/** The tasks in the order of time; empty while nothing has ended. */
export function criticalPath(model: TimelineModel): readonly CriticalStep[] {
  const childrenOf = groupByParent(model);
  const steps: CriticalStep[] = [];
  let row = latest([...model.rows.values()].filter(isWork));
  // A log that was tampered with could lead in a circle.
  while (row !== undefined && steps.length <= model.rows.size) {
    const step = stepOf(row);
    if (step !== undefined) steps.push(step);
    row = cause(model, childrenOf, row);
  }
  return steps.toReversed();
}

type Children = ReadonlyMap<string | undefined, readonly TimelineRow[]>;

/** What made it ready: the end of another task. For a group that ended, that is the end of its last member. */
function cause(model: TimelineModel, childrenOf: Children, row: TimelineRow): TimelineRow | undefined {
  const begunMs = row.spans[0]?.fromMs ?? 0;
  const hasEnded = (other: TimelineRow): boolean => (other.spans.at(-1)?.toMs ?? Infinity) <= begunMs;
  let by = row.readyBy === undefined ? openedBy(model, row, hasEnded) : model.rows.get(row.readyBy);
  for (let depth = 0; by !== undefined && !isWork(by) && depth <= model.rows.size; depth += 1) {
    by = hasEnded(by) ? latest(childrenOf.get(by.taskId) ?? []) : openedBy(model, by, hasEnded);
  }
  return by === row ? undefined : by;
}

/** What opened a group, or the group that a task is in: the dependency that ended last, else what opened the group around it. */
function openedBy(
  model: TimelineModel,
  row: TimelineRow,
  hasEnded: (other: TimelineRow) => boolean,
): TimelineRow | undefined {
  const before = row.dependencies.flatMap((id) => model.rows.get(id) ?? []).filter(hasEnded);
  return latest(before) ?? (row.parentId === undefined ? undefined : model.rows.get(row.parentId));
}

function groupByParent(model: TimelineModel): Children {
  const groups = new Map<string | undefined, TimelineRow[]>();
  for (const row of model.rows.values()) {
    const group = groups.get(row.parentId);
    if (group === undefined) groups.set(row.parentId, [row]);
    else group.push(row);
  }
  return groups;
}

function isWork({ spans }: TimelineRow): boolean {
  return spans.some(({ kind }) => kind === 'running');
}

/** The task that ended last; of several, the one that is declared later. */
function latest(rows: readonly TimelineRow[]): TimelineRow | undefined {
  let found: TimelineRow | undefined;
  for (const row of rows) {
    const endMs = row.spans.at(-1)?.toMs;
    if (endMs !== undefined && endMs >= (found?.spans.at(-1)?.toMs ?? -Infinity)) found = row;
  }
  return found;
}

function stepOf({ taskId, spans }: TimelineRow): CriticalStep | undefined {
  const fromMs = spans[0]?.fromMs;
  const toMs = spans.at(-1)?.toMs;
  if (fromMs === undefined || toMs === undefined) return undefined;
  let runningMs = 0;
  for (const span of spans) if (span.kind === 'running') runningMs += (span.toMs ?? toMs) - span.fromMs;
  return { taskId, fromMs, toMs, runningMs, waitingMs: toMs - fromMs - runningMs };
}
