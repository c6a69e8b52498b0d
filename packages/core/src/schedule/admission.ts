/**
 * Admission: the only place where a task can start (rule 8). One synchronous step picks ready tasks and takes all their gates or none.
 *
 * 1. Ready tasks stand in lanes: one per tree, executor type and priority class. All tasks of a lane need the same gates;
 *    within a lane the smallest order key goes first.
 * 2. Which lane is next says the line it stands in (`line.ts`): classes by weight, no barrier, no starvation.
 * 3. A lane that was not served for `ageingMs` counts one class higher, once per interval, and goes first there; also at a gate.
 * 4. A lane that meets a full gate leaves the line and stands at that gate; each freed place calls the best one back. So a pick costs
 *    O(log lanes + log ready) however many wait.
 * Counters are those of running attempts (and active runs, for users): a new process starts from zero and is right (R-LM-11).
 */
import type { TreeId } from '@coppice/extension';
import { isAttemptEnd } from '../run/event-meaning.ts';
import type { RunEvent } from '../run/event.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { type GateLimits, type GateUse, tighter } from './gates.ts';
import { Heap } from './heap.ts';
import { Line, type Stand } from './line.ts';
import { ShortLivedMap } from './short-lived-map.ts';

interface Gate {
  readonly name: string;
  readonly limit: number;
  used: number;
  /** Lanes called back for a freed place that have not been looked at yet. */
  called: number;
  /** Made when the first has to wait. */
  waiting: Line<Lane> | undefined;
}

interface Lane {
  readonly queue: TreeQueue;
  readonly priority: number;
  readonly ready: Heap<TaskState>;
  /** The executor's and the tree's gate, if they have limits. */
  readonly gates: readonly Gate[];
  /** The class it stands in now: its priority, or a higher one by ageing. */
  rank: number;
  servedAtMs: number;
  place: 'idle' | 'line' | 'gate';
  /** The full gate it stands at. */
  gate: Gate | undefined;
  /** The gate whose freed place called it back into the line. */
  calledBy: Gate | undefined;
  /** Attempts of its tasks that hold their gates. */
  running: number;
  /** Number of its valid stand. */
  ticket: number;
}

/** What one tree has at admission. */
interface TreeQueue {
  readonly run: RunState;
  /** Order of the trees among each other. */
  readonly rank: number;
  readonly lanes: Lane[];
  /** The same by executor type, and there by priority. */
  readonly lanesOf: Map<string, (Lane | undefined)[]>;
  readonly treeGate: Gate | undefined;
  readonly userGate: Gate | undefined;
  holdsUserGate: boolean;
}

/** A picked task: its gates are taken. */
export interface Picked {
  readonly run: RunState;
  readonly task: TaskState;
}

export interface AdmissionOptions {
  readonly limits: GateLimits;
  /** Limit that an executor type declares itself; configuration wins. */
  readonly executorLimit: (type: string) => number | undefined;
  readonly ageingMs: number;
}

/** One place for each priority class. */
const NO_LANES: readonly (Lane | undefined)[] = [undefined, undefined, undefined, undefined];

/** Never pushed to. */
const NONE: never[] = [];

const byOrder = (a: TaskState, b: TaskState): boolean => a.order < b.order;

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #queues = new ShortLivedMap<TreeId, TreeQueue>();
  readonly #gates = new ShortLivedMap<string, Gate>();
  readonly #global: Gate | undefined;
  /** Lanes that may go. */
  readonly #goers = new Line<Lane>();
  #nextRank = 0;
  #agedAtMs = -Infinity;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#global = this.#gate('global', options.limits.global);
  }

  /** A task became ready. */
  enqueue(run: RunState, task: TaskState, nowMs: number): void {
    const lane = this.#lane(run, task, nowMs);
    lane.ready.push(task);
    if (lane.ready.peek() !== task && lane.place !== 'idle') return;
    if (lane.place === 'gate') this.#wait(lane, lane.gate as Gate);
    else this.#line(lane);
  }

  /** Counts an attempt that is running without having been picked here: one that a former process started. */
  adopt(run: RunState, task: TaskState, nowMs: number): void {
    this.#acquire(this.#lane(run, task, nowMs));
  }

  /** An attempt that was picked (or adopted) has ended. */
  release(run: RunState, task: TaskState): void {
    const queue = this.#queues.get(run.treeId);
    const lane = queue === undefined ? undefined : findLane(queue, task);
    if (lane !== undefined) this.#release(lane);
  }

  #release(lane: Lane): void {
    lane.running--;
    if (this.#global !== undefined) this.#global.used--;
    for (const gate of lane.gates) {
      gate.used--;
      this.#call(gate);
    }
  }

  /**
   * Nothing of a run is picked any more. Its attempts keep their places until `dropRun`; so do those whose end is among `givenUp`,
   * which are events that will never be durable.
   */
  holdRun(run: RunState, givenUp: readonly RunEvent[]): void {
    const queue = this.#queues.get(run.treeId);
    if (queue === undefined) return;
    for (const { ready } of queue.lanes) while (ready.size > 0) ready.pop();
    for (const event of givenUp) {
      const task = isAttemptEnd(event) ? run.byId.get(event.taskId) : undefined;
      const lane = task === undefined ? undefined : findLane(queue, task);
      if (lane !== undefined) this.#acquire(lane);
    }
  }

  /** A run is taken out as it is: the places of its attempts are free. */
  dropRun(treeId: TreeId): void {
    for (const lane of this.#queues.get(treeId)?.lanes ?? []) while (lane.running > 0) this.#release(lane);
    this.endRun(treeId);
  }

  /** A run has ended: its lanes go, and its user's place is free. All its attempts must have been released. */
  endRun(treeId: TreeId): void {
    const queue = this.#queues.get(treeId);
    if (queue === undefined) return;
    this.#queues.delete(treeId);
    if (queue.treeGate !== undefined) this.#gates.delete(queue.treeGate.name);
    for (const lane of queue.lanes) this.#dissolve(lane);
    const gate = queue.userGate;
    if (gate === undefined || !queue.holdsUserGate) return;
    gate.used--;
    this.#call(gate);
  }

  /** Picks at most `max` ready tasks and takes their gates. The caller starts them all. */
  pick(nowMs: number, max: number): readonly Picked[] {
    if (nowMs - this.#agedAtMs >= this.#options.ageingMs / 4) this.#age(nowMs);
    let picked: Picked[] = NONE;
    while (picked.length < max && !isFull(this.#global)) {
      const lane = this.#goers.pop();
      if (lane === undefined) break;
      const task = this.#take(lane, nowMs);
      if (task === undefined) continue;
      if (picked === NONE) picked = [{ run: lane.queue.run, task }];
      else picked.push({ run: lane.queue.run, task });
    }
    return picked;
  }

  /** Gates with a limit, and how they are used. */
  uses(): readonly GateUse[] {
    return [...this.#gates.values()].map((gate) => {
      let waiting = 0;
      for (const lane of gate === this.#global ? this.#goers : (gate.waiting ?? NONE)) waiting += lane.ready.size;
      return { gate: gate.name, used: gate.used, limit: gate.limit, waiting };
    });
  }

  /** The full gates that keep a ready task from starting now. */
  blockers(run: RunState, task: TaskState): readonly GateUse[] {
    const queue = this.#queues.get(run.treeId);
    const lane = queue === undefined ? undefined : findLane(queue, task);
    if (queue === undefined || lane === undefined) return [];
    const gates = [this.#global, queue.holdsUserGate ? undefined : queue.userGate, ...lane.gates];
    return gates
      .filter((gate): gate is Gate => gate !== undefined && isFull(gate))
      .map((gate) => ({ gate: gate.name, used: gate.used, limit: gate.limit, waiting: lane.ready.size }));
  }

  /** The next task of a lane that was just taken out of the line, with all gates taken; undefined when the lane is empty or has to wait. */
  #take(lane: Lane, nowMs: number): TaskState | undefined {
    const caller = lane.calledBy;
    lane.calledBy = undefined;
    lane.place = 'idle';
    if (caller !== undefined) caller.called--;
    while (lane.ready.size > 0 && lane.ready.peek()?.status !== 'ready') lane.ready.pop();
    const task = lane.ready.peek();
    const full = task === undefined ? undefined : this.#fullGate(lane);
    if (task === undefined || full !== undefined) {
      if (full !== undefined) this.#wait(lane, full);
      if (caller !== undefined) this.#call(caller);
      return undefined;
    }
    lane.ready.pop();
    this.#acquire(lane);
    lane.servedAtMs = nowMs;
    lane.rank = lane.priority;
    if (lane.ready.size > 0) this.#line(lane);
    if (caller !== undefined) this.#call(caller);
    return task;
  }

  #fullGate({ queue, gates }: Lane): Gate | undefined {
    if (queue.userGate !== undefined && !queue.holdsUserGate && isFull(queue.userGate)) return queue.userGate;
    return gates.find(isFull);
  }

  #acquire(lane: Lane): void {
    const { queue, gates } = lane;
    lane.running++;
    if (this.#global !== undefined) this.#global.used++;
    if (queue.userGate !== undefined && !queue.holdsUserGate) {
      queue.holdsUserGate = true;
      queue.userGate.used++;
      // The tree's other lanes need not stand there any more.
      for (const each of queue.lanes) if (each.gate === queue.userGate) this.#line(each);
    }
    for (const gate of gates) gate.used++;
  }

  /** Calls lanes back for the places that are free. */
  #call(gate: Gate): void {
    while (gate.called < gate.limit - gate.used) {
      const lane = gate.waiting?.pop();
      if (lane === undefined) return;
      gate.called++;
      lane.calledBy = gate;
      this.#line(lane);
    }
  }

  #line(lane: Lane): void {
    lane.place = 'line';
    lane.gate = undefined;
    this.#goers.push(newStand(lane));
  }

  #wait(lane: Lane, gate: Gate): void {
    lane.place = 'gate';
    lane.gate = gate;
    (gate.waiting ??= new Line()).push(newStand(lane));
  }

  /** Takes a lane out for good, and gives the place it was called for to the next. */
  #dissolve(lane: Lane): void {
    lane.ticket++;
    lane.place = 'idle';
    const caller = lane.calledBy;
    if (caller === undefined) return;
    lane.calledBy = undefined;
    caller.called--;
    this.#call(caller);
  }

  /** Moves lanes that have waited long one class up. */
  #age(nowMs: number): void {
    this.#agedAtMs = nowMs;
    for (const queue of this.#queues.values()) {
      for (const lane of queue.lanes) {
        if (lane.place === 'idle' || lane.priority === 0) continue;
        const steps = Math.floor((nowMs - lane.servedAtMs) / this.#options.ageingMs);
        const rank = Math.max(lane.priority - steps, 0);
        if (rank >= lane.rank) continue;
        lane.rank = rank;
        if (lane.gate === undefined) this.#line(lane);
        else this.#wait(lane, lane.gate);
      }
    }
  }

  #lane(run: RunState, task: TaskState, nowMs: number): Lane {
    let queue = this.#queues.get(run.treeId);
    if (queue === undefined) this.#queues.set(run.treeId, (queue = this.#newQueue(run)));
    const lane = findLane(queue, task) ?? this.#newLane(queue, task);
    if (lane.ready.size === 0) lane.servedAtMs = nowMs;
    return lane;
  }

  #newQueue(run: RunState): TreeQueue {
    const { limits } = this.#options;
    const userLimit = Object.hasOwn(limits.users ?? {}, run.userId) ? limits.users?.[run.userId] : limits.perUser;
    return {
      run,
      rank: this.#nextRank++,
      lanes: [],
      lanesOf: new Map(),
      treeGate: this.#gate(`tree:${run.treeId}`, tighter(limits.perTree, run.policies.concurrency)),
      userGate: this.#gate(`user:${run.userId}`, userLimit),
      holdsUserGate: false,
    };
  }

  #newLane(queue: TreeQueue, task: TaskState): Lane {
    const type = task.definition.executor as string;
    const configured = this.#options.limits.executors;
    const limit = Object.hasOwn(configured ?? {}, type) ? configured?.[type] : this.#options.executorLimit(type);
    const gates = [queue.treeGate, this.#gate(`executor:${type}`, limit)].filter((gate) => gate !== undefined);
    const { priority } = task.definition;
    const lane: Lane = {
      queue,
      priority,
      ready: new Heap(byOrder),
      gates,
      rank: priority,
      servedAtMs: 0,
      place: 'idle',
      gate: undefined,
      calledBy: undefined,
      running: 0,
      ticket: 0,
    };
    queue.lanes.push(lane);
    const ofType = queue.lanesOf.get(type);
    if (ofType === undefined) queue.lanesOf.set(type, NO_LANES.with(priority, lane));
    else ofType[priority] = lane;
    return lane;
  }

  #gate(name: string, limit: number | undefined): Gate | undefined {
    if (limit === undefined || limit === 0) return undefined;
    let gate = this.#gates.get(name);
    if (gate === undefined) this.#gates.set(name, (gate = { name, limit, used: 0, called: 0, waiting: undefined }));
    return gate;
  }
}

function findLane({ lanesOf }: TreeQueue, { definition }: TaskState): Lane | undefined {
  return lanesOf.get(definition.executor as string)?.[definition.priority];
}

function newStand(lane: Lane): Stand<Lane> {
  const { queue, rank, priority } = lane;
  return {
    lane,
    isAged: rank < priority,
    treeRank: queue.rank,
    order: lane.ready.peek()?.order ?? 0,
    ticket: ++lane.ticket,
  };
}

function isFull(gate: Gate | undefined): boolean {
  return gate !== undefined && gate.used >= gate.limit;
}
