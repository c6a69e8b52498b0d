/** What people see of gates: their use, and who waits there. */
import { isEarlier } from '../run/order-key.ts';
import type { TaskState } from '../run/state.ts';
import type { Gate, GateLine, GateUse, Waiter } from './gate.ts';
import type { ReadyQueue } from './ready-queue.ts';

/** Tasks of a line that are named. */
export const WAITERS_MAX = 20;

export function useOf({ name, used, limit }: Gate, waiting: number): GateUse {
  return { gate: name, used, limit, waiting };
}

/** `queues`: those that the gate may keep waiting. */
export function lineOf(gate: Gate, queues: Iterable<ReadyQueue>, nowMs: number): GateLine {
  let waiting = 0;
  let oldestReadyAtMs: number | undefined;
  const waiters: Waiter[] = [];
  for (const queue of queues) {
    waiting += queue.ready.size;
    oldestReadyAtMs = earliest(queue.ready, oldestReadyAtMs);
    waiters.push(...waitersOf(queue));
  }
  waiters.sort((a, b) => a.place - b.place || (a.readyAtMs ?? Infinity) - (b.readyAtMs ?? Infinity));
  const freeAtMs = gate.free(nowMs) >= 1 ? undefined : gate.freeAtMs(1, nowMs);
  return { ...useOf(gate, waiting), oldestReadyAtMs, freeAtMs, waiters: waiters.slice(0, WAITERS_MAX) };
}

function waitersOf({ tree: { run, userId }, ready }: ReadyQueue): readonly Waiter[] {
  return firstOf(ready).map(({ id, definition, readyAtMs }, index) => ({
    treeId: run.treeId,
    taskId: id,
    name: definition.name,
    treeName: run.tasks[0]?.definition.name ?? '',
    userId,
    place: index + 1,
    readyAtMs,
  }));
}

/** The first tasks of a line, in order. A line may be very long, so it is not sorted as a whole. */
function firstOf(ready: Iterable<TaskState>): readonly TaskState[] {
  const first: TaskState[] = [];
  for (const task of ready) {
    if (task.status !== 'ready') continue;
    const last = first.at(-1);
    if (first.length === WAITERS_MAX && last !== undefined && !isEarlier(task, last)) continue;
    const at = first.findIndex((each) => isEarlier(task, each));
    first.splice(at < 0 ? first.length : at, 0, task);
    if (first.length > WAITERS_MAX) first.pop();
  }
  return first;
}

/** Since when the first of them is ready, or `former` if that is earlier. */
export function earliest(ready: Iterable<TaskState>, former: number | undefined): number | undefined {
  let found = former;
  for (const { status, readyAtMs } of ready)
    if (status === 'ready' && readyAtMs !== undefined && readyAtMs < (found ?? Infinity)) found = readyAtMs;
  return found;
}
