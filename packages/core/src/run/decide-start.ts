/** Starts attempts of the tasks that admission has picked (rules 4, 8, 9). */
import type { TaskId } from '@coppice/extension';
import type { Draft, Refusal } from './draft.ts';
import { emit } from './draft.ts';
import type { EventData } from './event.ts';
import { comesLast } from './closing.ts';
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
 * limit reaches beyond the budget of the run, except of what cleans up (R-TO-02, R-TO-05).
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
  const own = ownLimitMs(draft.run, task, draft.context.defaultTimeoutMs);
  const { deadlineAtMs } = draft.run;
  const isLimited = deadlineAtMs !== undefined && !comesLast(task);
  const left = isLimited ? Math.max(deadlineAtMs - draft.atMs, 0) : Infinity;
  if (left < own) {
    data.timeoutMs = left;
    data.limit = 'run';
  } else if (own !== Infinity) {
    data.timeoutMs = own;
    data.limit = 'task';
  }
  return data;
}

function ownLimitMs(run: RunState, task: TaskState, defaultTimeoutMs: number): number {
  const limit = policyOf(run, task, 'timeoutMs') ?? defaultTimeoutMs;
  return limit > 0 ? limit : Infinity;
}
