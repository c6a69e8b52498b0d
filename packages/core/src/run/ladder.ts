/**
 * What each step of the failure ladder did about a failure: retry, fallback, failure edges, the scope, compensation. It is told with the end
 * of the run, so that nobody has to put it together from the log. Nothing is decided here.
 */
import type { JsonObject, TaskError } from '@coppice/extension';
import { resolveRetryPolicy } from '../schedule/backoff.ts';
import type { FailurePolicy } from '../task/task.ts';
import { compensationOf } from './compensation-result.ts';
import type { FailureLadder } from './event.ts';
import { policyOf } from './inherited-policy.ts';
import type { RunState, Scope, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';

/** Dependents that wait for a failure and are named. */
const EDGES_MAX = 10;

/** Answers for each failed task of a run what was done about it. What several of them share is worked out once. */
export function ladders(run: RunState): (task: TaskState) => FailureLadder {
  const scopes = new Map<TaskState, FailureLadder['scope']>();
  const undone = new Map<TaskState, FailureLadder['compensation']>();
  return (task) => {
    const { owner } = task.scope;
    const undoing = compensatingAround(task);
    if (owner !== undefined && !scopes.has(owner)) scopes.set(owner, scopeOf(run, owner));
    if (undoing !== undefined && !undone.has(undoing)) undone.set(undoing, compensationIn(undoing));
    const scope = owner === undefined ? undefined : scopes.get(owner);
    const compensation = undoing === undefined ? undefined : undone.get(undoing);
    const edges = edgesOf(task);
    const fallback = fallbackOf(task);
    return {
      attempts: Math.max(task.attempt - task.uncounted, 0),
      retry: retryOf(run, task),
      ...(fallback === undefined ? {} : { fallback }),
      ...(edges.length === 0 ? {} : { edges }),
      ...(scope === undefined ? {} : { scope }),
      ...(compensation === undefined ? {} : { compensation }),
    };
  };
}

function retryOf(run: RunState, task: TaskState): FailureLadder['retry'] {
  if (task.error?.fatal === true) return 'fatal';
  for (let at = task.error; at !== undefined; at = at.cause) {
    if (at.code === 'retry/budget-exhausted') return 'budget';
    if (at.code === 'retry/exhausted') return isLimited(at) ? 'timeUp' : 'exhausted';
    if (at.code === 'timeout/total' || at.code === 'timeout/queue' || at.code === 'timeout/scope') return 'timeUp';
  }
  const isNone = task.group !== undefined || task.attempt === 0;
  return isNone || resolveRetryPolicy(policyOf(run, task, 'retry')).maxAttempts === 1 ? 'none' : 'notRetryable';
}

/** There were attempts left, and no time. */
function isLimited({ data }: TaskError): boolean {
  return (data as JsonObject | undefined)?.['limit'] !== undefined;
}

function fallbackOf({ definition, error }: TaskState): FailureLadder['fallback'] {
  if (definition.fallback === undefined) return undefined;
  return error?.code === 'fallback/failed' ? 'failed' : 'notTried';
}

/** The tasks that wait for a failure of the task, and what became of them. */
function edgesOf({ outgoing }: TaskState): NonNullable<FailureLadder['edges']> {
  const found: { taskId: TaskState['id']; name: string; status: TaskState['status'] }[] = [];
  for (const first of outgoing) {
    for (let edge: typeof first | undefined = first; edge !== undefined; edge = edge.next) {
      const { dependency, target } = edge;
      if (!target.selected || !dependency.required || !dependency.on.includes('failure')) continue;
      found.push({ taskId: target.id, name: target.definition.name, status: target.status });
      break;
    }
    if (found.length === EDGES_MAX) break;
  }
  return found;
}

function scopeOf(run: RunState, owner: TaskState): FailureLadder['scope'] {
  const onFailure: FailurePolicy = owner.definition.policies.onFailure ?? run.policies.onFailure ?? 'finishIndependent';
  const stopped = subTree(owner).filter(({ reason }) => reason?.code === 'failFast');
  return { taskId: owner.id, name: owner.definition.name, onFailure, cancelled: stopped.length };
}

/** The nearest group around a task that has compensated. */
function compensatingAround(task: TaskState): TaskState | undefined {
  let at: TaskState | undefined = task;
  while (at !== undefined && at.group?.closing?.isCompensating !== true) at = at.scope.owner;
  return at;
}

function compensationIn(group: TaskState): FailureLadder['compensation'] {
  const summary = compensationOf((group.group as Scope).members);
  if (summary === undefined) return undefined;
  const { result, tasks, failures } = summary;
  return { taskId: group.id, name: group.definition.name, result, tasks, failed: failures.length };
}
