/** What people see of gates: their use, and who waits there. */
import { isEarlier } from '../run/order-key.ts';
import type { TaskState } from '../run/state.ts';
import type { Gate, GateLine, GateUse, Starving, Waiter } from './gate.ts';
import type { Entrance, OfGate, ReadyQueue } from './ready-queue.ts';

/** Tasks of a line that are named. */
export const WAITERS_MAX = 20;

export function useOf({ name, used, limit }: Gate, waiting: number): GateUse {
  return { gate: name, used, limit, waiting };
}

/** `queues`: those that the gate may keep waiting. */
export function lineOf({ entrances, stats }: OfGate, queues: Iterable<ReadyQueue>, nowMs: number): GateLine {
  const { gate } = entrances[0] as Entrance;
  let waiting = 0;
  let starving = 0;
  let oldestReadyAtMs: number | undefined;
  const waiters: Waiter[] = [];
  for (const queue of queues) {
    waiting += queue.ready.size;
    if (queue.isStarving) starving++;
    oldestReadyAtMs = earliest(queue.ready, oldestReadyAtMs);
    waiters.push(...waitersOf(queue));
  }
  waiters.sort((a, b) => a.place - b.place || (a.readyAtMs ?? Infinity) - (b.readyAtMs ?? Infinity));
  const freeAtMs = gate.free(nowMs) >= 1 ? undefined : gate.freeAtMs(1, nowMs);
  const first = waiters.slice(0, WAITERS_MAX);
  return { ...useOf(gate, waiting), oldestReadyAtMs, freeAtMs, waiters: first, starving, stats };
}

/** What people are told of a queue that the gate keeps waiting, and that is not served; undefined: none of its tasks is ready any more. */
export function starvingOf(gate: Gate, queue: ReadyQueue, nowMs: number): Starving | undefined {
  const [first] = waitersOf(queue, 1);
  if (first === undefined) return undefined;
  const { name, used, limit } = gate;
  return { gate: name, used, limit, first, waiting: queue.ready.size, waitedMs: nowMs - queue.servedAtMs };
}

function waitersOf({ tree: { run, userId }, ready }: ReadyQueue, max = WAITERS_MAX): readonly Waiter[] {
  return firstOf(ready, max).map(({ id, definition, readyAtMs }, index) => ({
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
function firstOf(ready: Iterable<TaskState>, max: number): readonly TaskState[] {
  const first: TaskState[] = [];
  for (const task of ready) {
    if (task.status !== 'ready') continue;
    const last = first.at(-1);
    if (first.length === max && last !== undefined && !isEarlier(task, last)) continue;
    const at = first.findIndex((each) => isEarlier(task, each));
    first.splice(at < 0 ? first.length : at, 0, task);
    if (first.length > max) first.pop();
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
