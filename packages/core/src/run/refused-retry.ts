/** Why a failed attempt is not followed by another: each reason names the task, the limit with its value, and what to do (R-RT-06 to R-RT-10, R-ER-03). */
import type { JsonObject, TaskError } from '@coppice/extension';
import { isRetryAllowed, type ResolvedRetryPolicy } from '../schedule/backoff.ts';
import { comesLast } from './comes-last.ts';
import { tightestDeadline } from './deadlines.ts';
import type { Draft } from './draft.ts';
import { budgetEndMs, endIfResumedMs } from './pauses.ts';
import { budgetMsOf } from './run-budget.ts';
import type { TaskState } from './state.ts';

/** Why there is no further attempt. `permanent`: the error is kept as it is. */
export interface NoRetry {
  readonly code: 'permanent' | 'retry/exhausted' | 'retry/budget-exhausted';
  readonly message: string;
  /** The limit that keeps it from being tried again. */
  readonly data?: JsonObject;
}

export interface FailedAttempt {
  readonly policy: ResolvedRetryPolicy;
  readonly counted: number;
  readonly error: TaskError;
}

/** Undefined: the policy and the budget of the run allow another attempt. */
export function refusedRetry(
  { run }: Draft,
  { definition: { name } }: TaskState,
  { policy, counted, error }: FailedAttempt,
): NoRetry | undefined {
  const { maxAttempts } = policy;
  if (maxAttempts === 1 || !isRetryAllowed(policy, error)) return { code: 'permanent', message: '' };
  if (counted >= maxAttempts) {
    const message = `all ${maxAttempts} attempts of ${name} failed; mend the cause, or raise maxAttempts`;
    return { code: 'retry/exhausted', message };
  }
  const budget = run.policies.retryBudget;
  if (budget === undefined || run.retries < budget) return undefined;
  const message = `the run's budget of ${budget} retries is used up, so ${name} is not tried again; mend the cause, or raise retryBudget`;
  return { code: 'retry/budget-exhausted', message };
}

/** Undefined: the next attempt begins in time. */
export function lateRetry(
  draft: Draft,
  task: TaskState,
  { policy: { maxElapsedMs }, dueAtMs }: { readonly policy: ResolvedRetryPolicy; readonly dueAtMs: number },
): NoRetry | undefined {
  const { run, atMs } = draft;
  const late = (limit: string, limitMs: number, whose: string): NoRetry => ({
    code: 'retry/exhausted',
    message: `the next attempt of ${task.definition.name} would start after ${whose}; mend the cause, or raise that`,
    data: { limit, limitMs },
  });
  if (maxElapsedMs !== undefined && dueAtMs > (task.firstStartedAtMs ?? atMs) + maxElapsedMs)
    return late('retry', maxElapsedMs, `its maxElapsed of ${maxElapsedMs} ms`);
  if (dueAtMs >= budgetEndMs(run, atMs) && !comesLast(task))
    return late('run', budgetMsOf(run), `the runTimeout of ${budgetMsOf(run)} ms`);
  const tightest = tightestDeadline(run, task);
  if (tightest === undefined || dueAtMs < endIfResumedMs(run, tightest, atMs)) return undefined;
  const { of, sinceMs, untilMs } = tightest;
  const limitMs = of.definition.policies.totalTimeoutMs ?? untilMs - sinceMs;
  return of === task
    ? late('total', limitMs, `its totalTimeout of ${limitMs} ms`)
    : late('scope', limitMs, `the totalTimeout of ${limitMs} ms of the group ${of.definition.name}`);
}

export function finalError(error: TaskError, attempts: number, refusal: NoRetry): TaskError {
  if (refusal.code === 'permanent') return error;
  return {
    code: refusal.code,
    message: `${error.message} (${refusal.message})`,
    retryable: false,
    data: { attempts, ...refusal.data },
    cause: error,
  };
}
