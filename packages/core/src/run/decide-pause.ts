/**
 * Pausing and resuming a run or a sub-tree (R-CP-08, R-CP-09). Nothing starts there any more; attempts that run end by themselves, or
 * are released after a time: interrupted, and ready again under the same idempotency key.
 *
 * To pause what is paused, and to resume what is not, changes nothing and is no error.
 */
import { refuse } from '../errors/rejection.ts';
import { inWords, isRunTerminal, isTerminal } from '../task/status.ts';
import type { RunCommand } from './command.ts';
import { queueDeadline } from './deadlines.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { executorOf } from './falling-back.ts';
import { findPause, PAUSES_MAX } from './pauses.ts';
import { isExecuting } from './executing.ts';
import type { Pause, RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { unknownTask } from './unknown-task.ts';

type CommandOf<T extends RunCommand['type']> = Extract<RunCommand, { readonly type: T }>;

export function decidePause(draft: Draft, command: CommandOf<'pause'>): Refusal {
  const { run } = draft;
  const top = run.byId.get(command.taskId ?? run.root.id);
  if (top === undefined) return unknownTask(run, command.taskId);
  const refusal = refusalToPause(run, top);
  if (refusal !== undefined) return refusal;
  const { drainTimeoutMs } = command;
  const isPaused = run.pauses?.has(top.id) === true;
  const isDrained = drainTimeoutMs !== undefined && drainTimeoutMs > 0;
  if (!isPaused || (isDrained && run.pauses?.get(top.id)?.isReached === false)) {
    const { reason } = command;
    emit(draft, 'TaskPausing', {
      taskId: top.id,
      data: {
        ...(reason === undefined || isPaused ? {} : { reason }),
        ...(isDrained ? { drainUntilMs: draft.atMs + drainTimeoutMs } : {}),
      },
    });
  }
  if (drainTimeoutMs === 0) release(draft, top, command.failing);
  return undefined;
}

function refusalToPause(run: RunState, top: TaskState): Refusal {
  const { name } = top.definition;
  if (run.status === 'created') {
    return refuse('task/invalid-transition', `The run of tree ${run.treeId} has not started. Pause it once it runs`, {
      data: { treeId: run.treeId, status: run.status },
    });
  }
  const hasEnded =
    isRunTerminal(run.status) ||
    (top !== run.root && subTree(top).every(({ status, selected }) => !selected || isTerminal(status)));
  if (hasEnded) {
    const what = isRunTerminal(run.status) ? `its run ${inWords(run.status)}` : 'it has ended, with all below it';
    return refuse('task/invalid-transition', `${name} (${top.id}) can not be paused: ${what}`, {
      data: { taskId: top.id, status: top.status },
    });
  }
  if ((run.pauses?.size ?? 0) >= PAUSES_MAX && run.pauses?.has(top.id) !== true) {
    return refuse(
      'limit/refused',
      `${PAUSES_MAX} tasks of tree ${run.treeId} are paused, which is the limit. Pause a task above them instead`,
      { data: { limit: PAUSES_MAX } },
    );
  }
  return undefined;
}

/** The time that a pause gave to what runs is over. */
export function decideDrained(draft: Draft, { taskId, failing }: CommandOf<'drained'>): Refusal {
  const top = draft.run.byId.get(taskId);
  const drainUntilMs = draft.run.pauses?.get(taskId)?.drainUntilMs;
  if (top !== undefined && drainUntilMs !== undefined && drainUntilMs <= draft.atMs) release(draft, top, failing);
  return undefined;
}

/** Interrupts what runs below a task. Attempts of executors that allow no other try end by themselves, whatever it takes. */
function release(draft: Draft, top: TaskState, failing: readonly string[]): void {
  for (const task of subTree(top)) {
    if (!isExecuting(task)) continue;
    if (failing.includes(executorOf(task))) continue;
    emit(draft, 'AttemptInterrupted', {
      taskId: task.id,
      attempt: task.attempt,
      data: { reason: 'pause', ...queueDeadline(draft.run, task, draft.atMs) },
    });
  }
}

export function decideResume(draft: Draft, { taskId, reason }: CommandOf<'resume'>): Refusal {
  const { run } = draft;
  const top = run.byId.get(taskId ?? run.root.id);
  if (top === undefined) return unknownTask(run, taskId);
  if (run.pauses?.has(top.id) === true) {
    emit(draft, 'TaskResumed', { taskId: top.id, data: reason === undefined ? {} : { reason } });
    return undefined;
  }
  const above = findPause(run, top);
  if (above === undefined) return undefined;
  const name = run.byId.get(above.taskId)?.definition.name;
  return refuse(
    'task/invalid-transition',
    `${top.definition.name} (${top.id}) is paused together with ${name} (${above.taskId}). Resume that`,
    { data: { taskId: top.id, pausedBy: above.taskId } },
  );
}

/** Pauses whose last attempt has ended by this decision. */
export function reachPauses(draft: Draft): void {
  const reached = [...(draft.run.pauses?.values() ?? [])].filter(isDue);
  for (const { taskId } of reached) emit(draft, 'TaskPaused', { taskId, data: {} });
}

function isDue({ executing, isReached }: Pause): boolean {
  return executing === 0 && !isReached;
}
