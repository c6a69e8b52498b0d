/** Methods that run trees: execute, cancel, retry, and what runs now. */
import type { RunStatus, TaskId, TaskStatus, TreeId } from '@coppice/core';
import type { HandEnding, RunningTask } from '@coppice/engine';
import type { ParsedParams, Result } from '@coppice/protocol';
import { runningTaskToWire } from '../wire/observation-to-wire.ts';
import { answer, refusalItem, refuse, refuseUnknown, shorten } from './answer.ts';
import type { Answer } from './answer.ts';
import { actorOf } from './caller.ts';
import type { Principal } from './caller.ts';
import { copyTask } from './copy-task.ts';
import { copyOptionsOf, createTree } from './definition-methods.ts';
import { findOwnTask, findTreeOfOwn, listedUser } from './ownership.ts';
import { refuseToRun } from './run-access.ts';
import type { Implementations, Services } from './services.ts';

type Names =
  | 'tasks.execute'
  | 'tasks.cancel'
  | 'tasks.complete'
  | 'tasks.skip'
  | 'tasks.pause'
  | 'tasks.resume'
  | 'tasks.retry'
  | 'tasks.running.list'
  | 'tasks.running.count';
type ExecuteAnswer = Result<'tasks.execute'>;
type CancelAnswer = Result<'tasks.cancel'>['items'][number];

/** When to ask again after a refusal because the server stops, ms. */
const STOPPING_RETRY_MS = 1000;

export function runningMethods(services: Services): Implementations<Names> {
  const { engine } = services;
  return {
    'tasks.execute': async (params, { principal }) => {
      const unknown = refuseUnknownOnly(params);
      if (unknown !== undefined) return unknown;
      const started = await begin(services, principal, params);
      if (!started.ok || params.wait !== true) return started;
      return waitForEnd(services, started.value.treeId);
    },
    'tasks.cancel': async (params, { principal }) => {
      const { reason, force } = params;
      if ('taskId' in params) {
        const cancelled = await cancelOne(services, principal, { taskId: params.taskId, reason, force });
        if (!cancelled.ok) return cancelled;
        return answer({ items: [{ taskId: params.taskId, ok: true, status: cancelled.value.status }] });
      }
      const items: CancelAnswer[] = [];
      for (const taskId of params.taskIds) {
        const cancelled = await cancelOne(services, principal, { taskId, reason, force });
        if (cancelled.ok) items.push({ taskId, ok: true, status: cancelled.value.status });
        else items.push({ taskId, ok: false, error: refusalItem(cancelled.rejection) });
      }
      return answer({ items });
    },
    'tasks.complete': ({ taskId, output = null, port, reason }, { principal }) =>
      endByHand(services, principal, { taskId, ending: { status: 'completed', output, port }, reason }),
    'tasks.skip': ({ taskId, reason }, { principal }) =>
      endByHand(services, principal, { taskId, ending: { status: 'skipped' }, reason }),
    'tasks.pause': async (params, { principal }) => {
      const { reason, force, drainTimeoutMs } = params;
      const task = await findOwnTask(engine, principal, 'taskId' in params ? params.taskId : params.treeId);
      if (!task.ok) return task;
      const drain = force === true ? 0 : drainTimeoutMs;
      return pauseAnswer(
        await engine.pause(task.value.id, { reason, drainTimeoutMs: drain, actor: actorOf(principal) }),
      );
    },
    'tasks.resume': async (params, { principal }) => {
      const task = await findOwnTask(engine, principal, 'taskId' in params ? params.taskId : params.treeId);
      if (!task.ok) return task;
      const refusal = await refuseToRun(services, principal, task.value.treeId);
      return (
        refusal ?? pauseAnswer(await engine.resume(task.value.id, { reason: params.reason, actor: actorOf(principal) }))
      );
    },
    'tasks.retry': async ({ taskId, mode, cascade, inputs }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const refusal = await refuseToRun(services, principal, task.value.treeId);
      if (refusal !== undefined) return refusal;
      const retried = await engine.retry(task.value.id, { mode, cascade, inputs, actor: actorOf(principal) });
      if (!retried.ok) return retried;
      const { treeId, status } = retried.value;
      return answer({ treeId, status });
    },
    'tasks.running.list': (params, { principal }) => {
      const running = runningOf(services, principal, params);
      return running.ok ? answer({ items: running.value.map(runningTaskToWire) }) : running;
    },
    'tasks.running.count': (params, { principal }) => {
      const running = runningOf(services, principal, params);
      return running.ok ? answer({ count: running.value.length }) : running;
    },
  };
}

/** Refuses to run a task that is not in the tree of the same request, before anything is stored. */
function refuseUnknownOnly(params: ParsedParams<'tasks.execute'>): ReturnType<typeof refuse> | undefined {
  if (!('tasks' in params) || params.only === undefined) return undefined;
  const known = new Set(params.tasks.map(({ id, name }) => id ?? name));
  const errors = params.only.flatMap((task, index) =>
    known.has(task) ? [] : [{ path: ['only', index], reason: `no task is called '${shorten(task)}'` }],
  );
  return errors.length === 0
    ? undefined
    : refuse('tree/invalid-dependency', 'A task that shall run is none of the tree.', { errors });
}

function executionOptions(params: ParsedParams<'tasks.execute'>): Parameters<Services['engine']['execute']>[1] {
  if ('tasks' in params) return { only: params.only };
  const { inputs } = params;
  return 'taskIds' in params ? { inputs, taskIds: params.taskIds as TaskId[] } : { inputs };
}

/** Where submissions are bounded, it waits for room before anything is stored. */
async function begin(
  services: Services,
  principal: Principal,
  params: ParsedParams<'tasks.execute'>,
): Promise<Answer<{ readonly treeId: TreeId; readonly status: RunStatus }>> {
  const { engine } = services;
  const entered = await engine.enter();
  if (!entered.ok) return entered;
  const entry = entered.value;
  try {
    const target = await executionTarget(services, principal, params);
    if (!target.ok) return target;
    return await engine.execute(target.value, { actor: actorOf(principal), entry, ...executionOptions(params) });
  } finally {
    entry.leave();
  }
}

/** What to execute: the given task, the root of the given tasks, of a copy, or of a new tree. */
async function executionTarget(
  services: Services,
  principal: Principal,
  params: ParsedParams<'tasks.execute'>,
): Promise<Answer<TaskId>> {
  if ('tasks' in params) return createTree(services, principal, { ...params, isExecuted: true });
  if ('taskIds' in params) {
    const treeId = await findTreeOfOwn(services.engine, principal, params.taskIds);
    return treeId.ok ? ((await refuseToRun(services, principal, treeId.value)) ?? treeId) : treeId;
  }
  const { taskId, copy } = params;
  if (copy !== undefined) {
    const { userId, ...options } = copy;
    const copied = await copyTask(services, principal, { taskId, userId, options: copyOptionsOf(options), save: true });
    return copied as Answer<TreeId>;
  }
  const task = await findOwnTask(services.engine, principal, taskId);
  if (!task.ok) return task;
  return (await refuseToRun(services, principal, task.value.treeId)) ?? answer(task.value.id);
}

/** Answers when the run has ended, or refuses when the server stops first: the run goes on at its next start. */
async function waitForEnd({ engine, stopping }: Services, treeId: TreeId): Promise<Answer<ExecuteAnswer>> {
  let stop = (): void => {};
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => resolve('stopped');
    if (stopping.aborted) stop();
    stopping.addEventListener('abort', stop, { once: true });
  });
  try {
    const status = await Promise.race([engine.settled(treeId), stopped]);
    if (status === undefined) return refuseUnknown('tree', treeId);
    if (status !== 'stopped') return answer({ treeId, status });
    return refuse('limit/refused', `The server stops; the run of tree "${treeId}" goes on when it starts again.`, {
      data: { treeId, retryAfterMs: STOPPING_RETRY_MS },
    });
  } finally {
    stopping.removeEventListener('abort', stop);
  }
}

function pauseAnswer(changed: Awaited<ReturnType<Services['engine']['pause']>>): Answer<Result<'tasks.pause'>> {
  return changed.ok ? answer({ ...changed.value, paused: changed.value.paused ?? null }) : changed;
}

interface HandRequest {
  readonly taskId: string;
  readonly ending: HandEnding;
  readonly reason: string | undefined;
}

/** What depends on the task may start by it, so the user must be allowed to run the tree. */
async function endByHand(
  services: Services,
  principal: Principal,
  { taskId, ...how }: HandRequest,
): Promise<Answer<Result<'tasks.complete'>>> {
  const task = await findOwnTask(services.engine, principal, taskId);
  if (!task.ok) return task;
  const refusal = await refuseToRun(services, principal, task.value.treeId);
  if (refusal !== undefined) return refusal;
  const ended = await services.engine.endByHand(task.value.id, { ...how, actor: actorOf(principal) });
  if (!ended.ok) return ended;
  const { treeId, status, taskCount } = ended.value;
  return answer({ treeId, status, tasks: taskCount });
}

interface CancelRequest {
  readonly taskId: string;
  readonly reason: string | undefined;
  readonly force: boolean | undefined;
}

async function cancelOne(
  { engine }: Services,
  principal: Principal,
  { taskId, reason, force }: CancelRequest,
): Promise<Answer<{ readonly status: TaskStatus }>> {
  const task = await findOwnTask(engine, principal, taskId);
  return task.ok
    ? engine.cancel(task.value.id, { reason, force, actor: actorOf(principal) })
    : refuseUnknown('task', taskId);
}

function runningOf(
  { engine }: Services,
  principal: Principal,
  { treeId, userId }: ParsedParams<'tasks.running.list'>,
): Answer<readonly RunningTask[]> {
  const listed = listedUser(principal, userId);
  if (!listed.ok) return listed;
  return answer(
    engine
      .running()
      .filter(
        (task) =>
          (listed.value === undefined || task.userId === listed.value) &&
          (treeId === undefined || task.treeId === treeId),
      ),
  );
}
