/** Ends of attempts: results, failures with retry (rule 7), time limits, and attempts whose process has ended (rule 9). */
import type { JsonObject, TaskError, TaskId } from '@coppice/extension';
import { nextDelayMs, resolveRetryPolicy } from '../schedule/backoff.ts';
import { end, type End } from './end.ts';
import type { CompletedOutcome, ReturnedOutcome, RunCommand } from './command.ts';
import { GroupFault } from './group-fault.ts';
import { checkCount, relinked } from './multiply.ts';
import { emitOpened } from './open.ts';
import { queueDeadline } from './deadlines.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { isAttemptRunning, isExecuting } from './executing.ts';
import { failFatally } from './fail-scope.ts';
import { fallBack, fallbackFailed } from './fallback.ts';
import { executorOf, FALLBACK_PORT, isFallingBack } from './falling-back.ts';
import { policyOf } from './inherited-policy.ts';
import type { TaskState } from './state.ts';
import { finalError, lateRetry, refusedRetry, type FailedAttempt } from './refused-retry.ts';
import { attemptTimedOut } from './time-limit-errors.ts';
import { writeFault, writesOf } from './writes.ts';

/** Most interruptions of one task. With the next one the task fails, because the task itself probably makes the process crash. */
export const INTERRUPTIONS_MAX = 10;

/** Delay before the next attempt when a crash has interrupted the task for the second time, ms. It doubles with each crash. */
const RESTART_DELAY_MS = 1_000;
const RESTART_DELAY_MAX_MS = 300_000;

type CommandOf<T extends RunCommand['type']> = Extract<RunCommand, { readonly type: T }>;

/** The task, if exactly this attempt of it is running. */
function findRunning(draft: Draft, taskId: TaskId, attempt: number): TaskState | undefined {
  const task = draft.run.byId.get(taskId);
  return isAttemptRunning(task, attempt) ? task : undefined;
}

export function decideComplete(draft: Draft, command: CommandOf<'complete'>): Refusal {
  const task = findRunning(draft, command.taskId, command.attempt);
  if (task === undefined) return undefined;
  const outcome = isFallingBack(task) ? { ...command.outcome, port: FALLBACK_PORT } : command.outcome;
  const { adding } = outcome;
  if (adding !== undefined && adding.tasks.length > 0) {
    const fault = isFallingBack(task) ? growingFallback(task) : writeFault(draft.run, task, outcome.patch);
    if (fault === undefined) expand(draft, task, { outcome, adding });
    else fail(draft, task, fault);
    return undefined;
  }
  const writes = writesOf(draft, task, outcome);
  if (writes !== undefined && 'fault' in writes) fail(draft, task, writes.fault);
  else end(draft, task, completed(outcome, writes?.patch));
  return undefined;
}

/** Names each field, because spreading an outcome costs more than all else that is decided of a completion. */
function completed({ output, port, secrets, cut, signal }: CompletedOutcome, patch: JsonObject | undefined): End {
  return { status: 'completed', output, port, secrets, cut, signal, patch };
}

function growingFallback({ definition: { name } }: TaskState): TaskError {
  const message = `The fallback of ${name} adds tasks, which only its own executor may. Return an output`;
  return { code: 'fallback/invalid', message, retryable: false };
}

type Adding = NonNullable<ReturnedOutcome['adding']>;

/** The task becomes a group of the tasks that its executor adds. */
function expand(
  draft: Draft,
  task: TaskState,
  { outcome, adding }: { readonly outcome: CompletedOutcome; readonly adding: Adding },
): void {
  try {
    if (task.children.length > 0)
      throw new GroupFault('tree/invalid', `${task.definition.name} has children, so its executor can add no tasks`);
    checkCount(draft, task, adding.tasks.length);
  } catch (error) {
    if (!(error instanceof GroupFault)) throw error;
    return end(draft, task, { status: 'failed', error: error.fault });
  }
  // An attempt after the first has members with ids of its own: those of former ones are in the log.
  const prefix = task.attempt === 1 ? task.id : `${task.id}:${task.attempt}`;
  const added = relinked(adding.tasks, new Map([[adding.parent, task.id]]), prefix);
  emitOpened(draft, task, { outcome: definedOnly(outcome), added });
}

function definedOnly({ output, port, secrets, cut, patch }: CompletedOutcome): CompletedOutcome {
  return {
    output,
    ...(port === undefined ? {} : { port }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(cut === undefined || cut.length === 0 ? {} : { cut }),
    ...(patch === undefined || Object.keys(patch).length === 0 ? {} : { patch }),
  };
}

export function decideFail(draft: Draft, command: CommandOf<'fail'>): Refusal {
  const task = findRunning(draft, command.taskId, command.attempt);
  if (task !== undefined) fail(draft, task, command.error);
  return undefined;
}

export function decideTimeout(draft: Draft, command: CommandOf<'timeout'>): Refusal {
  const task = findRunning(draft, command.taskId, command.attempt);
  if (task !== undefined) fail(draft, task, attemptTimedOut(draft, task, command.limit));
  return undefined;
}

export function decideInterrupt(draft: Draft, command: CommandOf<'interrupt'>): Refusal {
  const tasks = command.attempts?.map(({ taskId, attempt }) => findRunning(draft, taskId, attempt)) ?? draft.run.tasks;
  for (const task of tasks) {
    if (task === undefined || !isExecuting(task)) continue;
    const subject = { taskId: task.id, attempt: task.attempt };
    if (command.failing.includes(executorOf(task))) {
      end(draft, task, {
        status: 'failed',
        error: interrupted(task, 'its executor does not allow another try after that'),
      });
    } else if (task.interruptions >= INTERRUPTIONS_MAX) {
      end(draft, task, {
        status: 'failed',
        error: interrupted(task, `this has happened ${INTERRUPTIONS_MAX + 1} times, so it is given up`),
      });
    } else {
      const delayMs = command.reason === 'crash' ? restartDelayMs(task.interruptions) : 0;
      const due = delayMs === 0 ? queueDeadline(draft.run, task, draft.atMs) : { dueAtMs: draft.atMs + delayMs };
      emit(draft, 'AttemptInterrupted', { ...subject, data: { reason: command.reason, ...due } });
    }
  }
  return undefined;
}

/** The first crash may have any cause. After the second one the task is the likely cause, and a person needs time to cancel it. */
function restartDelayMs(interruptions: number): number {
  return interruptions === 0 ? 0 : Math.min(RESTART_DELAY_MS * 2 ** (interruptions - 1), RESTART_DELAY_MAX_MS);
}

function interrupted(task: TaskState, why: string): TaskError {
  return {
    code: 'executor/interrupted',
    message: `The process ended during attempt ${task.attempt} of ${task.definition.name}, and ${why}. Check what it left behind, then retry from failure`,
    retryable: false,
  };
}

/** Classifies a failure: another attempt at an absolute due time, or final (R-RT-01 to R-RT-10). */
function fail(draft: Draft, task: TaskState, error: TaskError): void {
  if (error.fatal === true) return failFatally(draft, task, error);
  if (isFallingBack(task)) {
    end(draft, task, { status: 'failed', error: fallbackFailed(task, error) });
    return;
  }
  const policy = resolveRetryPolicy(policyOf(draft.run, task, 'retry'));
  const counted = task.attempt - task.uncounted;
  const refusal = refusedRetry(draft, task, { policy, counted, error });
  if (refusal !== undefined) {
    fallBack(draft, task, finalError(error, counted, refusal));
    return;
  }
  const delayMs = delayOf(draft, task, { policy, counted, error });
  const dueAtMs = draft.atMs + delayMs;
  const late = lateRetry(draft, task, { policy, dueAtMs });
  if (late !== undefined) {
    fallBack(draft, task, finalError(error, counted, late));
    return;
  }
  emit(draft, 'RetryScheduled', { taskId: task.id, attempt: task.attempt, data: { error, delayMs, dueAtMs } });
  if (delayMs === 0) emit(draft, 'TaskDue', { taskId: task.id, data: {} });
}

function delayOf(draft: Draft, task: TaskState, plan: FailedAttempt): number {
  const { policy, counted, error } = plan;
  return nextDelayMs(policy, {
    failedAttempt: counted,
    errorCode: error.code,
    retryAfterMs: error.retryAfterMs,
    backoff: policy.backoff === undefined ? undefined : draft.context.backoffs.get(policy.backoff),
    seed: { seed: draft.run.seed, taskId: task.id, attempt: task.attempt },
  });
}
