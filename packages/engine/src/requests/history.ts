/** What became of a run over its history: where its time went, and how two moments differ. Worked out from the log when somebody asks. */
import { isDeepStrictEqual } from 'node:util';
import {
  isRunTerminal,
  nothingSpent,
  SPANS,
  TimeSpentFold,
  type RunState,
  type TaskId,
  type TaskState,
  type TaskTime,
  type TreeId,
} from '@coppice/core';
import type { EngineParts } from '../engine-parts.ts';
import { foldLog } from '../fold-log.ts';
import type { DiffQuery, Moment, RunDiff, RunTimes, TaskDifference, TimesQuery } from '../shown-run.ts';

/** The end of the log as it is stored; undefined: there is no such tree. */
function endOf({ loader }: EngineParts, treeId: TreeId) {
  return loader.withRun(treeId, ({ state, durableSeq }) => ({ durableSeq, seed: state.seed }));
}

/** Undefined: there is no such tree. Throws when the log can not be read. */
export async function timesOf(parts: EngineParts, treeId: TreeId, query: TimesQuery): Promise<RunTimes | undefined> {
  const end = await endOf(parts, treeId);
  if (end === undefined) return undefined;
  const seq = query.seq ?? end.durableSeq;
  const times = new TimeSpentFold();
  const run = await foldLog(parts, { treeId, seq, add: (event) => times.add(event) });
  const isNow = seq === end.durableSeq && !isRunTerminal(run.status);
  const nowMs = isNow ? Math.max(parts.clock.nowMs(), run.atMs) : run.atMs;
  const found = times.times(nowMs).map((time) => ({ ...time, sortMs: sortMsOf(time, query.by) }));
  const spent = nothingSpent();
  for (const span of SPANS) for (const time of found) spent[span] += time.spent[span];
  const items = found.toSorted((a, b) => b.sortMs - a.sortMs).slice(0, query.limit);
  const { startedAtMs, endedAtMs } = run;
  return {
    treeId,
    seq,
    status: run.status,
    tookMs: startedAtMs === undefined ? null : Math.max((endedAtMs ?? nowMs) - startedAtMs, 0),
    spent,
    items: items.map(({ sortMs: _sortMs, ...time }) => time),
    total: found.length,
  };
}

/** By one span, or by all that is the task's own: what it waits for is somebody else's time. */
function sortMsOf({ spent }: TaskTime, by: TimesQuery['by']): number {
  if (by !== undefined) return spent[by];
  return SPANS.reduce((sum, span) => (span === 'dependencies' ? sum : sum + spent[span]), 0);
}

/** What is compared of a task. */
const COMPARED = ['status', 'attempt', 'input', 'output', 'port', 'error', 'reason', 'waiting', 'definition'] as const;

type Compared = Pick<TaskState, 'id' | (typeof COMPARED)[number]>;

interface Look extends Moment {
  readonly tasks: ReadonlyMap<TaskId, Compared>;
}

/** Undefined: there is no such tree. Throws when the log can not be read. */
export async function diffOf(parts: EngineParts, treeId: TreeId, query: DiffQuery): Promise<RunDiff | undefined> {
  const end = await endOf(parts, treeId);
  if (end === undefined) return undefined;
  const lookAt = (seq: number): Promise<Look> => parts.pastState.at({ treeId, seq, seed: end.seed }, lookOf);
  const from = await lookAt(query.from);
  const to = await lookAt(query.to ?? end.durableSeq);
  const differences = differencesBetween(from, to);
  return {
    treeId,
    from: momentOf(from),
    to: momentOf(to),
    items: differences.slice(0, query.limit),
    total: differences.length,
  };
}

function momentOf({ seq, atMs, status }: Moment): Moment {
  return { seq, atMs, status };
}

/** A copy: the state goes on to another moment. */
function lookOf({ seq, atMs, status, tasks }: RunState): Look {
  const alive = tasks.filter(({ deleted }) => !deleted);
  return { seq, atMs, status, tasks: new Map(alive.map((task) => [task.id, comparedOf(task)])) };
}

function comparedOf(task: TaskState): Compared {
  const { id, status, attempt, input, output, port, error, reason, waiting, definition } = task;
  return { id, status, attempt, input, output, port, error, reason, waiting, definition };
}

/** Tasks of the later moment in declared order, then those that have left. */
function differencesBetween(from: Look, to: Look): readonly TaskDifference[] {
  const found: TaskDifference[] = [];
  for (const [id, after] of to.tasks) {
    const before = from.tasks.get(id);
    const changed =
      before === undefined ? [] : COMPARED.filter((name) => !isDeepStrictEqual(before[name], after[name]));
    if (before === undefined || changed.length > 0) found.push(differenceOf(before, after, changed));
  }
  for (const [id, before] of from.tasks) if (!to.tasks.has(id)) found.push(differenceOf(before, undefined, []));
  return found;
}

function differenceOf(
  before: Compared | undefined,
  after: Compared | undefined,
  changed: TaskDifference['changed'],
): TaskDifference {
  const { id, definition } = (after ?? before) as Compared;
  return { taskId: id, name: definition.name, before: standOf(before), after: standOf(after), changed };
}

function standOf(task: Compared | undefined): TaskDifference['before'] {
  return task === undefined ? null : { status: task.status, attempt: task.attempt };
}
