/** Starts attempts of the tasks that admission has picked (rules 4, 8, 9). */
import type { TaskId } from '@coppice/extension';
import type { Draft, Refusal } from './draft.ts';
import { emit } from './draft.ts';
import type { EventData, LimitName } from './event.ts';
import { comesLast } from './comes-last.ts';
import { tightestDeadline, totalDeadline, type DeadlineData } from './deadlines.ts';
import { end } from './end.ts';
import { isFallingBack } from './falling-back.ts';
import { policyOf } from './inherited-policy.ts';
import { findPause } from './pauses.ts';
import { resolveInput } from './resolve-input.ts';
import type { RunState, TaskState } from './state.ts';
import { unresolved } from './unresolved.ts';

/** Starts the tasks in their order until the turn is over. Tasks that are paused, or not ready any more, are ignored. */
export function decideStart(draft: Draft, taskIds: readonly TaskId[]): Refusal {
  for (const id of taskIds) {
    const task = draft.run.byId.get(id);
    if (task?.status === 'ready' && findPause(draft.run, task) === undefined) start(draft, task);
    if (draft.context.isTurnOver?.() === true) break;
  }
  return undefined;
}

function start(draft: Draft, task: TaskState): void {
  const taskId = task.id;
  const attempt = task.attempt + 1;
  try {
    const resolved = resolveInput(draft, task);
    emit(draft, 'TaskStarted', { taskId, attempt, data: startData(draft, task, resolved) });
  } catch (error) {
    // The definition has a fault that only this data shows. The attempt starts and fails, so that people find it among the failures.
    emit(draft, 'TaskStarted', { taskId, attempt, data: { input: {} } });
    const fault = unresolved(task, { what: 'inputs', code: 'inputs/unresolved', error });
    end(draft, task, { status: 'failed', error: fault });
  }
}

type StartData = { -readonly [Field in keyof EventData['TaskStarted']]: EventData['TaskStarted'][Field] };

/**
 * The data of a start, with the time limit of the attempt. The task's policy wins over the run's default, and that over the engine's. No
 * limit reaches beyond that of the whole task, of the groups around it and of the run, except of what cleans up (R-TO-02, R-TO-05).
 */
function startData(
  draft: Draft,
  task: TaskState,
  { input, secrets, idempotencyKey }: ReturnType<typeof resolveInput>,
): StartData {
  const data: StartData = { input };
  if (isFallingBack(task)) data.fallback = true;
  if (secrets.length > 0) data.secrets = secrets;
  if (idempotencyKey !== undefined) data.idempotencyKey = idempotencyKey;
  const { deadlineAtMs } = isFallingBack(task) ? NONE : totalDeadline(draft.run, task, draft.atMs);
  if (deadlineAtMs !== undefined) data.deadlineAtMs = deadlineAtMs;
  limitAttempt(draft, task, data);
  return data;
}

const NONE: DeadlineData = {};

/** The limit that ends the attempt first. Of equal ones the narrower one is named. */
function limitAttempt(draft: Draft, task: TaskState, data: StartData): void {
  const { run, atMs } = draft;
  let timeoutMs = ownLimitMs(run, task, draft.context.defaultTimeoutMs);
  let limit: LimitName = 'task';
  const note = (endMs: number, name: LimitName): void => {
    const leftMs = Math.max(endMs - atMs, 0);
    if (leftMs >= timeoutMs) return;
    timeoutMs = leftMs;
    limit = name;
  };
  if (data.deadlineAtMs !== undefined) note(data.deadlineAtMs, 'total');
  const tightest = tightestDeadline(run, task);
  if (tightest !== undefined) note(tightest.untilMs, tightest.of === task ? 'total' : 'scope');
  if (run.deadlineAtMs !== undefined && !comesLast(task)) note(run.deadlineAtMs, 'run');
  if (timeoutMs === Infinity) return;
  data.timeoutMs = timeoutMs;
  data.limit = limit;
}

function ownLimitMs(run: RunState, task: TaskState, defaultTimeoutMs: number): number {
  const limit = policyOf(run, task, 'timeoutMs') ?? defaultTimeoutMs;
  return limit > 0 ? limit : Infinity;
}
