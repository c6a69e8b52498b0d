/** Methods about waits: signals, answers, and what can be answered. */
import { inWords, type TaskRecord } from '@coppice/core';
import type { OpenWait } from '@coppice/engine';
import type * as Wire from '@coppice/protocol';
import { isoTime, isoTimeOrNull } from '../wire/time.ts';
import { answer, refuse, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';
import { actorOf } from './caller.ts';
import type { Principal } from './caller.ts';
import { findOwnTask, findOwnTree } from './ownership.ts';
import type { Implementations, Services } from './services.ts';

type Names = 'tasks.signal' | 'waits.list' | 'waits.answer' | 'waits.link';

export function waitingMethods({ engine, links, nowMs }: Services): Implementations<Names> {
  return {
    'tasks.signal': async ({ treeId, ...signal }, { principal }) => {
      const tree = await findOwnTree(engine, principal, treeId);
      return tree.ok ? engine.signal(tree.value.treeId, { ...signal, actor: actorOf(principal) }) : tree;
    },
    'waits.answer': async ({ taskId, ...given }, { principal }) => {
      const task = await findAnswerable({ engine }, principal, taskId);
      if (!task.ok) return task;
      return engine.answer(task.value.id, {
        ...given,
        actor: actorOf(principal),
        isAdmin: principal.role === 'admin',
      });
    },
    'waits.link': async ({ taskId, expiresInMs, name }, { principal }) => {
      const task = await findAnswerable({ engine }, principal, taskId);
      if (!task.ok) return task;
      const wait = await engine.findWait(task.value.id);
      if (wait === undefined) return refuseNotWaiting(task.value);
      if (!mayAnswer(principal, wait))
        return refuse('auth/unauthorized', `Only who may answer ${wait.name} may make a link to it.`);
      const expiresAtMs = Math.floor(nowMs() + expiresInMs);
      const token = await links.make({ taskId: wait.taskId, sinceMs: wait.sinceMs, expiresAtMs, name });
      return answer({ path: `/answer/${token}`, expiresAt: isoTime(expiresAtMs) });
    },
    'waits.list': async ({ treeId, taskId, mine, limit }, { principal }) => {
      const waits = taskId === undefined ? await engine.waits() : [await engine.findWait(taskId as TaskRecord['id'])];
      const seen = waits
        .filter((wait) => wait !== undefined)
        .filter((wait) => isSeenBy(principal, wait) && (treeId === undefined || wait.treeId === treeId))
        .filter((wait) => !mine || mayAnswer(principal, wait))
        .toSorted((a, b) => a.sinceMs - b.sinceMs);
      return answer({
        items: seen.slice(0, limit).map((wait) => openWaitToWire(wait, mayAnswer(principal, wait))),
        total: seen.length,
      });
    },
  };
}

function refuseNotWaiting({ id, name, status }: TaskRecord): ReturnType<typeof refuse> {
  const message = `${name} (${id}) ${inWords(status)} and waits for no answer.`;
  return refuse('task/invalid-transition', message, { data: { taskId: id, status } });
}

function mayAnswer({ role, userId }: Principal, wait: OpenWait): boolean {
  if (role === 'admin') return true;
  return wait.approvers === null ? wait.userId === userId : wait.approvers.includes(userId);
}

function isSeenBy(principal: Principal, wait: OpenWait): boolean {
  return wait.userId === principal.userId || mayAnswer(principal, wait);
}

/** A task of one's own trees, or one that asks for the approval of this user. */
async function findAnswerable(
  { engine }: Pick<Services, 'engine'>,
  principal: Principal,
  taskId: string,
): Promise<Answer<TaskRecord>> {
  const own = await findOwnTask(engine, principal, taskId);
  if (own.ok) return own;
  const task = await engine.index.findTask(taskId as TaskRecord['id']);
  const approvers = task?.approval === null ? undefined : task?.input?.['approvers'];
  const isAsked = Array.isArray(approvers) && approvers.includes(principal.userId);
  return task !== undefined && isAsked ? answer(task) : refuseUnknown('task', taskId);
}

function openWaitToWire({ sinceMs, dueAtMs, approvers, ...rest }: OpenWait, isMine: boolean): Wire.OpenWait {
  return {
    ...rest,
    approvers: approvers === null ? null : [...approvers],
    mayAnswer: isMine,
    since: isoTime(sinceMs),
    dueAt: isoTimeOrNull(dueAtMs),
  };
}
