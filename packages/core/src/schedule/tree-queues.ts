/** The queues of one tree: one per gate set and class. */
import type { RunState, Scope, TaskState } from '../run/state.ts';
import { isTerminal } from '../task/status.ts';
import type { Entrances } from './entrances.ts';
import type { GateSet, GateSource } from './gate.ts';
import { newReadyQueue, type Entrance, type ReadyQueue, type ReadyTree } from './ready-queue.ts';
import { ShortLivedMap } from './short-lived-map.ts';

/** The queues of one gate set. */
interface SetQueues {
  set: GateSet;
  /** One of its tasks. */
  readonly sample: TaskState;
  /** True when tasks name some of the gates. The set goes when it is idle. */
  readonly isNamed: boolean;
  readonly limited: Scope | undefined;
  entrances: readonly Entrance[];
  readonly byPriority: (ReadyQueue | undefined)[];
}

/** Groups with gates of their own, and sets of gates that tasks name, from which on those that are idle are looked for. */
const KEPT = 500;

/** An empty place for each class. */
const NO_QUEUES: readonly (ReadyQueue | undefined)[] = [undefined, undefined, undefined, undefined];

export class TreeQueues implements ReadyTree {
  readonly run: RunState;
  queues: ReadyQueue[] = [];
  readonly treeNo: number;
  readonly userId: string;
  readonly weight: number;
  heldByRun: readonly Entrance[];
  isHeld: boolean;
  /** True once a task of the tree was started here. */
  hasStarted = false;
  /** Entrances of gates that only this tree uses; each start passes them. */
  readonly own: readonly Entrance[];
  /** The entrances of groups that limit how many tasks execute at once, by the group. */
  readonly #groups = new Map<TaskState, readonly Entrance[]>();
  readonly #entrances: Entrances;
  readonly #source: GateSource;
  /** Queues at closed gates, by the name of the gate. */
  #closed: Map<string, ReadyQueue> | undefined;
  /** Gate sets by key. Most trees have one. */
  readonly #sets = new Map<string, SetQueues>();
  /** Number of groups and named sets at which idle ones are looked for. */
  #forgetAt = KEPT;
  #namedCount = 0;
  /** Queues that running attempts took their places from, of tasks with a fallback; undefined: there was none. */
  #taken: ShortLivedMap<TaskState, ReadyQueue> | undefined;

  constructor(run: RunState, treeNo: number, entrances: Entrances) {
    const { source } = entrances;
    this.run = run;
    this.treeNo = treeNo;
    this.userId = run.userId;
    this.weight = source.weightOf(run.userId);
    this.own = entrances.of(source.ofTree(run));
    this.heldByRun = entrances.of(source.heldByRun(run));
    // A run of a former process holds what its first start took, also when none of its attempts runs just now.
    if (run.hasBegun) move(1, [], this.heldByRun);
    this.isHeld = this.heldByRun.length === 0 || run.hasBegun;
    this.#entrances = entrances;
    this.#source = source;
  }

  /** Finds or makes the queue in which the task waits when it is ready. */
  waitingFor(task: TaskState): ReadyQueue {
    const gate = this.#source.closedTo(this.run, task);
    if (gate === undefined) return this.find(task) ?? this.add(task);
    let queue = this.#closed?.get(gate);
    if (queue === undefined) {
      // The turn of the queue never comes, so it is in the class in which nothing ages.
      queue = newReadyQueue(this, 0, [this.#entrances.close(gate)]);
      (this.#closed ??= new Map()).set(gate, queue);
      this.queues.push(queue);
    }
    return queue;
  }

  /** Removes queues at closed gates, all or the empty ones, and returns them. */
  leaveClosed(which: 'all' | 'empty'): readonly ReadyQueue[] {
    const left: ReadyQueue[] = [];
    for (const [gate, queue] of this.#closed ?? []) {
      if (which === 'empty' && queue.ready.size > 0) continue;
      this.#closed?.delete(gate);
      this.#entrances.leave(gate);
      this.queues.splice(this.queues.indexOf(queue), 1);
      left.push(queue);
    }
    return left;
  }

  noteTaken(task: TaskState, queue: ReadyQueue): void {
    (this.#taken ??= new ShortLivedMap()).set(task, queue);
  }

  /** The queue that was noted, which is then forgotten; undefined: none was. */
  takenBy(task: TaskState): ReadyQueue | undefined {
    if (this.#taken === undefined || task.definition.fallback === undefined) return undefined;
    const queue = this.#taken.get(task);
    this.#taken.delete(task);
    return queue;
  }

  /** Finds the queue of the task's gate set, whatever gate is closed to the task. */
  find(task: TaskState): ReadyQueue | undefined {
    return this.#sets.get(this.#keyOf(task))?.byPriority[task.definition.priority];
  }

  /** Makes the queue for a task that has none. */
  add(task: TaskState): ReadyQueue {
    const { priority } = task.definition;
    const { byPriority, entrances } = this.#setOf(task);
    const found = byPriority[priority];
    if (found !== undefined) return found;
    const queue = newReadyQueue(this, priority, entrances);
    byPriority[priority] = queue;
    this.queues.push(queue);
    return queue;
  }

  #setOf(task: TaskState): SetQueues {
    const key = this.#keyOf(task);
    let queues = this.#sets.get(key);
    if (queues !== undefined) return queues;
    this.#forgetIdle();
    const set = this.#source.ofTask(task);
    const { limited } = task.scope;
    const isNamed = task.demands !== undefined;
    // A set that tasks name is never the same list: its key says all of it.
    if (!isNamed)
      for (const each of this.#sets.values()) if (each.set === set && each.limited === limited) queues = each;
    queues ??= {
      set,
      sample: task,
      isNamed,
      limited,
      entrances: this.#entrancesOf(set, limited),
      byPriority: NO_QUEUES.slice(),
    };
    if (isNamed) {
      this.#namedCount++;
      this.#entrances.join(queues.entrances);
    }
    this.#sets.set(key, queues);
    return queues;
  }

  /** Tasks that pass the same gates have the same key. */
  #keyOf(task: TaskState): string {
    const key = this.#source.keyOf(task);
    const { limited } = task.scope;
    return limited === undefined ? key : `${limited.owner?.id} ${key}`;
  }

  #entrancesOf(set: GateSet, limited: Scope | undefined): readonly Entrance[] {
    let entrances = this.own.concat(this.#entrances.of(set));
    for (let at = limited; at?.owner !== undefined; at = at.owner.scope.limited) {
      let ofGroup = this.#groups.get(at.owner);
      if (ofGroup === undefined)
        this.#groups.set(at.owner, (ofGroup = this.#entrances.of(this.#source.ofGroup(at.owner))));
      entrances = entrances.concat(ofGroup);
    }
    // Who does not wait at a gate does not wait for others first.
    if (set.some(({ whenFull }) => whenFull !== undefined))
      return entrances.toSorted((a, b) => Number(b.whenFull !== undefined) - Number(a.whenFull !== undefined));
    return entrances;
  }

  /** Gates and queues go that nobody needs, once there are many: a long repetition makes ever new groups, and a list names ever new locks. */
  #forgetIdle(): void {
    if (this.#groups.size + this.#namedCount < this.#forgetAt) return;
    const idle = new Set<ReadyQueue>();
    for (const [key, queues] of this.#sets) {
      const { limited, byPriority } = queues;
      const owner = limited?.owner;
      if (!queues.isNamed && (owner === undefined || !isTerminal(owner.status))) continue;
      if (byPriority.some((queue) => queue !== undefined && (queue.isWaiting || queue.running > 0))) continue;
      this.#sets.delete(key);
      if (queues.isNamed) this.#leave(queues);
      for (const queue of byPriority) if (queue !== undefined) idle.add(queue);
    }
    this.queues = this.queues.filter((queue) => !idle.has(queue));
    const used = new Set<TaskState>();
    for (const { limited } of this.#sets.values())
      for (let at = limited; at?.owner !== undefined; at = at.owner.scope.limited) used.add(at.owner);
    for (const [group, entrances] of this.#groups) {
      if (used.has(group)) continue;
      this.#groups.delete(group);
      this.#entrances.remove(entrances);
    }
    this.#forgetAt = KEPT + 2 * (this.#groups.size + this.#namedCount);
  }

  /** Asks anew which gates the queues pass, and moves the units of what runs to these. Nothing is recalled. */
  regate(): void {
    for (const queues of this.#sets.values()) {
      const former = queues.entrances;
      queues.set = this.#source.ofTask(queues.sample);
      queues.entrances = this.#entrancesOf(queues.set, queues.limited);
      for (const queue of queues.byPriority) {
        if (queue === undefined) continue;
        move(queue.running, former, queues.entrances);
        queue.entrances = queues.entrances;
      }
      if (!queues.isNamed) continue;
      this.#entrances.join(queues.entrances);
      this.#entrances.part(former);
    }
    const hasBegun = this.hasStarted || this.run.hasBegun;
    const former = this.heldByRun;
    this.heldByRun = this.#entrances.of(this.#source.heldByRun(this.run));
    if (former.length > 0 ? this.isHeld : hasBegun) move(1, former, this.heldByRun);
    this.isHeld = this.heldByRun.length === 0 || (former.length > 0 ? this.isHeld : hasBegun);
  }

  /** Forgets which queue the tasks of a key have. Queues whose attempts hold places stay until these are given back. */
  forgetKeys(): void {
    this.leaveClosed('all');
    this.leaveNamed();
    this.#sets.clear();
    this.queues = this.queues.filter(({ running }) => running > 0);
  }

  #leave({ entrances }: SetQueues): void {
    this.#namedCount--;
    this.#entrances.part(entrances);
  }

  /** Leaves the gates that tasks name, when the tree ends. */
  leaveNamed(): void {
    if (this.#namedCount === 0) return;
    for (const queues of this.#sets.values()) if (queues.isNamed) this.#leave(queues);
  }

  /** Entrances of gates that go with the tree. */
  *ending(): Generator<Entrance> {
    yield* this.own;
    for (const entrances of this.#groups.values()) yield* entrances;
  }
}

/** Moves the units of so many starts from some gates to others. */
function move(starts: number, from: readonly Entrance[], to: readonly Entrance[]): void {
  for (let count = 0; count < starts; count++) {
    for (const { gate, amount } of from) gate.giveBack(amount);
    for (const { gate, amount } of to) gate.adopt(amount);
  }
}
