/** What tasks, groups and attempts fail with whose time is over. Each names the task, the limit, its value and what to do next (R-TO-05, R-ER-03). */
import type { Json, JsonObject, TaskError } from '@coppice/extension';
import { comesLast } from './comes-last.ts';
import { partialOutputOf, type Draft } from './draft.ts';
import { queueLimitOf } from './deadlines.ts';
import { policyOf } from './inherited-policy.ts';
import type { Deadline, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { isTerminal } from '../task/status.ts';

/** An attempt ran longer than its limit, or gave no sign of life within it. */
export function attemptTimedOut(draft: Draft, task: TaskState, limit: 'task' | 'heartbeat'): TaskError {
  const limitMs = limit === 'task' ? task.timeoutMs : policyOf(draft.run, task, 'heartbeatTimeoutMs');
  const what = limit === 'task' ? 'ran longer than its limit' : 'sent no heartbeat within its limit';
  return {
    code: limit === 'task' ? 'timeout' : 'timeout/heartbeat',
    message: `Attempt ${task.attempt} of ${named(task)} ${what} of ${limitMs} ms. Raise the limit or make the task shorter`,
    retryable: true,
    data: {
      ...evidence(partialOutputOf(draft, task)),
      limit,
      limitMs: limitMs ?? null,
      ranMs: draft.atMs - (task.startedAtMs ?? draft.atMs),
    },
  };
}

/** A task did not end within the limit for all its attempts. The cause is the last error, if an attempt has failed. */
export function totalTimedOut(draft: Draft, task: TaskState, deadline: Deadline): TaskError {
  const limitMs = totalLimitOf(task, deadline);
  return {
    code: 'timeout/total',
    message: `${named(task)} did not end within its limit of ${limitMs} ms for all attempts. Raise totalTimeout, or make the task shorter`,
    retryable: false,
    data: {
      ...evidence(partialOutputOf(draft, task)),
      limit: 'total',
      limitMs,
      ranMs: draft.atMs - deadline.sinceMs,
      attempts: task.attempt - task.uncounted,
    },
    ...(task.error === undefined ? {} : { cause: task.error }),
  };
}

/** An attempt did not start in time. `gate`: what kept it from starting, as far as is known. */
export function queueTimedOut(
  draft: Draft,
  task: TaskState,
  { sinceMs, untilMs, gate }: Deadline & { readonly gate: string | undefined },
): TaskError {
  const limitMs = queueLimitOf(draft.run, task) ?? untilMs - sinceMs;
  const why = gate === undefined ? '' : `: ${gate} was full`;
  return {
    code: 'timeout/queue',
    message: `${named(task)} was ready and did not start within its limit of ${limitMs} ms${why}. Raise queueTimeout, or let more start at once`,
    retryable: false,
    data: { limit: 'queue', limitMs, waitedMs: draft.atMs - sinceMs, ...(gate === undefined ? {} : { gate }) },
    ...(task.error === undefined ? {} : { cause: task.error }),
  };
}

/** A group did not end in time. */
export function scopeTimedOut(draft: Draft, group: TaskState, deadline: Deadline): TaskError {
  const limitMs = totalLimitOf(group, deadline);
  const leaves = subTree(group).filter(
    (task) => task.group === undefined && task.selected && !isTerminal(task.status) && !comesLast(task, group),
  );
  const names = leaves.slice(0, 3).map(({ definition }) => definition.name);
  const more = leaves.length > 3 ? ` and ${leaves.length - 3} more` : '';
  return {
    code: 'timeout/scope',
    message: `The group ${named(group)} did not end within its limit of ${limitMs} ms: ${names.join(', ')}${more} had not ended. Raise totalTimeout of the group, or retry from failure to go on`,
    retryable: false,
    data: {
      limit: 'scope',
      limitMs,
      ranMs: draft.atMs - deadline.sinceMs,
      open: leaves.slice(0, 100).map(({ id }) => id),
    },
  };
}

function totalLimitOf({ definition }: TaskState, { sinceMs, untilMs }: Deadline): number {
  return definition.policies.totalTimeoutMs ?? untilMs - sinceMs;
}

function named({ id, definition }: TaskState): string {
  return `${definition.name} (${id})`;
}

/** The output that an attempt had produced so far, as part of an error's data. */
function evidence(output: Json | undefined): JsonObject {
  if (output === undefined) return {};
  return typeof output === 'object' && output !== null && !Array.isArray(output) ? (output as JsonObject) : { output };
}
