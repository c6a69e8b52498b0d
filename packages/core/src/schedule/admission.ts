/**
 * Admission: the only place where a task can start (rule 8). One synchronous step picks ready tasks and takes all their gates or none.
 *
 * 1. Ready tasks wait in queues: one per tree, gate set and class. All tasks of a queue pass the same gates; the smallest order key
 *    goes first.
 * 2. The order of turns (`turn-order.ts`) says which queue is next: classes have weights, none is a barrier, none starves.
 * 3. A queue that was not served for `ageingMs` counts one class higher, once per interval, and goes first there, also at a gate. A gate
 *    where it waits for more than others take is reserved for it: nobody else passes until it has had its turn.
 * 4. A queue that meets a full gate waits at that gate. When units are free, the gate recalls the queue whose turn it is
 *    (`waiting-queues.ts`). So a pick costs O(log queues + log ready), however many queues wait.
 * 5. Each gate decides what it counts (`gate.ts`). The gates of limits count running attempts, or active runs of a user. A new process
 *    runs nothing at first, so it is right to count from zero (R-LM-11).
 */
import type { TreeId } from '@coppice/extension';
import { isAttemptEnd } from '../run/event-meaning.ts';
import type { RunEvent } from '../run/event.ts';
import { isExecuting } from '../run/executing.ts';
import type { RunState, TaskState } from '../run/state.ts';
import type { Gate, GateSource } from './gate.ts';
import { AdmissionReports } from './admission-reports.ts';
import { findFull, isFull, type Entrance, type OfGate, type ReadyQueue } from './ready-queue.ts';
import { TreeQueues } from './tree-queues.ts';

/** A picked task: its gates are taken. */
export interface PickedTask {
  readonly run: RunState;
  readonly task: TaskState;
}

/** The result of a pick. */
export interface Pick {
  readonly picked: readonly PickedTask[];
  /** When time alone lets more tasks start, epoch ms: pick again then. Undefined: no such time is known. */
  readonly nextAtMs?: number | undefined;
  /** Gates that were reserved in this pick. Absent: none. */
  readonly reserved?: readonly Reservation[];
  /** Tasks that a gate keeps back and that do not wait for it: they left their queues and have taken nothing. Absent: none. */
  readonly turnedAway?: readonly TurnedAway[];
}

/** A task that does something else than to wait at a gate. */
export interface TurnedAway extends PickedTask {
  readonly whenFull: NonNullable<Entrance['whenFull']>;
  readonly gate: Gate;
}

/** A gate that is kept for a large demand, because that has waited for long. */
export interface Reservation {
  /** Name of the gate. */
  readonly gate: string;
  readonly amount: number;
  readonly treeId: TreeId;
  readonly waitedMs: number;
}

export interface AdmissionOptions {
  readonly gates: GateSource;
  readonly ageingMs: number;
}

/** The shared empty list. Nobody pushes to it. */
const NONE: never[] = [];

export class Admission extends AdmissionReports {
  readonly #ageingMs: number;
  #global: Entrance | undefined;
  #nextTreeNo = 0;
  #agedAtMs = -Infinity;
  #reservations: Reservation[] = [];
  #turnedAway: TurnedAway[] = [];

  constructor({ gates, ageingMs }: AdmissionOptions) {
    super(gates);
    this.#ageingMs = ageingMs;
    this.#global = this.entrances.global;
  }

  /** Puts a task that became ready into its queue. */
  enqueue(run: RunState, task: TaskState, nowMs: number): void {
    const queue = this.#treeOf(run).waitingFor(task);
    if (queue.ready.size === 0) {
      queue.servedAtMs = nowMs;
      queue.delayedBy = undefined;
      queue.isStarving = false;
    }
    queue.ready.push(task);
    if (!queue.isWaiting || queue.ready.peek() === task) this.waiting.renew(queue);
  }

  /** Moves each ready task of a run to its queue, because other gates than before are closed to tasks of the run. */
  lineUp(run: RunState, nowMs: number): void {
    const tree = this.trees.get(run.treeId);
    if (tree === undefined) return;
    for (const queue of tree.queues) {
      const ready = [...queue.ready].filter(({ status }) => status === 'ready');
      const moving = ready.filter((task) => tree.waitingFor(task) !== queue);
      if (moving.length === 0) continue;
      queue.ready.clear();
      const isMoving = new Set(moving);
      for (const task of ready) if (!isMoving.has(task)) queue.ready.push(task);
      if (queue.ready.size === 0) this.waiting.remove(queue, nowMs);
      else this.waiting.renew(queue);
      for (const task of moving) this.enqueue(run, task, nowMs);
    }
    for (const queue of tree.leaveClosed('empty')) this.waiting.remove(queue, nowMs);
  }

  /** The same for all runs. */
  lineUpAll(nowMs: number): void {
    for (const { run } of this.trees.values()) this.lineUp(run, nowMs);
  }

  /** True while a gate is closed to the task, which is then not picked. */
  isClosedTo(run: RunState, task: TaskState): boolean {
    return this.entrances.source.closedTo(run, task) !== undefined;
  }

  /** Counts a running attempt that was not picked here, because a former process started it. */
  adopt(run: RunState, task: TaskState, nowMs: number): void {
    const tree = this.#treeOf(run);
    const queue = tree.find(task) ?? tree.add(task);
    if (queue.ready.size === 0) queue.servedAtMs = nowMs;
    this.#acquire(queue, task, undefined);
  }

  /** Frees the places of a picked or adopted attempt that the event has ended; undefined: it has not begun. */
  release(run: RunState, task: TaskState, event?: RunEvent): void {
    const tree = this.trees.get(run.treeId);
    const queue = tree?.takenBy(task) ?? tree?.find(task);
    if (queue !== undefined) this.#release(queue, task, event);
  }

  /** Takes note of a gate with a new limit, or a new time at which units are free. A lower limit ends no running attempt. */
  changed(gate: Gate): void {
    const ofGate = this.entrances.ofGate(gate);
    if (ofGate === undefined) return;
    if (ofGate.reserved !== undefined && ofGate.reserved.amount > gate.limit) ofGate.reserved = undefined;
    this.waiting.recall(ofGate, this.nowMs);
  }

  /** Asks anew which gates starts pass: there is a limit where there was none. A lower limit ends no running attempt. */
  regate(): void {
    const isNew = this.entrances.renewGlobal();
    this.#global = this.entrances.global;
    for (const tree of this.trees.values()) {
      tree.regate();
      for (const queue of tree.queues) {
        if (isNew) for (let count = 0; count < queue.running; count++) this.#global?.gate.adopt(1);
        if (!queue.isWaiting) continue;
        this.waiting.remove(queue, this.nowMs);
        if (queue.ready.size > 0) this.waiting.waitInTurn(queue);
      }
    }
  }

  /**
   * Sorts all tasks anew, because their keys are others. `change` makes it so. Nothing that was picked may wait for its start meanwhile. A
   * limit that is new ends no running attempt.
   */
  rekey(change: () => void): void {
    const nowMs = this.nowMs;
    const moves = [...this.trees.values()].map((tree) => {
      const executing = tree.run.tasks.filter(isExecuting);
      for (const task of executing) this.release(tree.run, task);
      return { tree, executing };
    });
    change();
    for (const { tree, executing } of moves) {
      const waiting = tree.queues.flatMap((queue) => {
        const ready = [...queue.ready];
        queue.ready.clear();
        this.waiting.remove(queue, nowMs);
        return ready;
      });
      tree.forgetKeys();
      for (const task of executing) this.adopt(tree.run, task, nowMs);
      for (const task of waiting) if (task.status === 'ready') this.enqueue(tree.run, task, nowMs);
    }
  }

  /**
   * Stops picking tasks of a run. Its attempts keep their places until `dropRun`. `givenUp` are events that will never be durable: an
   * attempt that they end keeps its places too.
   */
  holdRun(run: RunState, givenUp: readonly RunEvent[]): void {
    for (const queue of this.trees.get(run.treeId)?.queues ?? NONE) {
      queue.ready.clear();
      this.waiting.remove(queue, this.nowMs);
    }
    for (const event of givenUp) {
      const task = isAttemptEnd(event) ? run.byId.get(event.taskId) : undefined;
      // When the end of the run is given up too, its queues do not exist any more.
      if (task !== undefined) this.adopt(run, task, this.nowMs);
    }
  }

  /** Removes a run in any state, and frees the places of its attempts. */
  dropRun(treeId: TreeId): void {
    for (const queue of this.trees.get(treeId)?.queues ?? NONE) {
      if (queue.running > 0) for (const { gate } of queue.entrances) gate.leave?.(queue.tree.run);
      while (queue.running > 0) this.#release(queue);
    }
    this.endRun(treeId);
  }

  /** Removes the queues of a run that has ended, and frees the units that the run held. Its attempts must have been released before. */
  endRun(treeId: TreeId): void {
    const tree = this.trees.get(treeId);
    if (tree === undefined) return;
    this.trees.delete(treeId);
    for (const queue of tree.queues) this.waiting.remove(queue, this.nowMs);
    tree.leaveClosed('all');
    tree.leaveNamed();
    this.entrances.remove([...tree.ending()]);
    if (tree.isHeld) for (const entrance of tree.heldByRun) this.#giveBack(entrance);
  }

  /** Picks at most `max` ready tasks and takes their gates. The caller starts them all. */
  pick(nowMs: number, max: number): Pick {
    this.nowMs = nowMs;
    if (nowMs - this.#agedAtMs >= this.#ageingMs / 4) this.#age(nowMs);
    this.waiting.recallDue(nowMs);
    const global = this.#global;
    let picked: PickedTask[] = NONE;
    while (picked.length + this.#turnedAway.length < max && (global === undefined || !isFull(global, nowMs))) {
      const queue = this.waiting.next();
      if (queue === undefined) break;
      const task = this.#take(queue, nowMs);
      if (task === undefined) continue;
      if (picked === NONE) picked = [{ run: queue.tree.run, task }];
      else picked.push({ run: queue.tree.run, task });
    }
    const nextAtMs = this.#nextAtMs(nowMs);
    if (this.#reservations.length === 0 && this.#turnedAway.length === 0) return { picked, nextAtMs };
    return { picked, nextAtMs, reserved: this.#reservations.splice(0), turnedAway: this.#turnedAway.splice(0) };
  }

  /** Takes the next task of a queue and the gates of this task. Undefined when the queue is empty or has to wait at a gate. */
  #take(queue: ReadyQueue, nowMs: number): TaskState | undefined {
    const { ready } = queue;
    while (ready.size > 0 && !isStillIn(queue, ready.peek() as TaskState)) ready.pop();
    let task = ready.peek();
    const full = task === undefined ? undefined : findFull(queue, nowMs);
    if (full?.whenFull !== undefined) {
      this.#turnedAway.push({
        run: queue.tree.run,
        task: ready.pop() as TaskState,
        whenFull: full.whenFull,
        gate: full.gate,
      });
      task = undefined;
      if (ready.size > 0) this.waiting.waitInTurn(queue);
    } else if (full !== undefined) {
      task = undefined;
      this.waiting.waitAt(queue, full, nowMs);
    } else if (task !== undefined) {
      ready.pop();
      this.waiting.turns.charge();
      this.#noteStart(queue, task, nowMs);
      this.#acquire(queue, task, nowMs);
      queue.servedAtMs = nowMs;
      queue.isStarving = false;
      if (ready.size === 0) queue.delayedBy = undefined;
      queue.countsAs = queue.priority;
      if (ready.size > 0) this.waiting.waitInTurn(queue);
    }
    this.waiting.hadTurn(queue, nowMs);
    return task;
  }

  /** Counts a start at its gates, and its wait at the one where its line had to wait last. */
  #noteStart({ entrances, tree, delayedBy }: ReadyQueue, { readyAtMs }: TaskState, nowMs: number): void {
    const global = this.#global?.ofGate;
    if (global !== undefined) global.stats.starts++;
    for (const { ofGate } of entrances) ofGate.stats.starts++;
    if (!tree.isHeld) for (const { ofGate } of tree.heldByRun) ofGate.stats.starts++;
    const waitedMs = nowMs - (readyAtMs ?? nowMs);
    if (waitedMs > 0) (delayedBy ?? global)?.stats.noteWait(waitedMs);
  }

  /** Takes the units of a start, or counts those of an attempt that started earlier (`startedAtMs` undefined). */
  #acquire(queue: ReadyQueue, task: TaskState, startedAtMs: number | undefined): void {
    const { tree, entrances } = queue;
    queue.running++;
    if (task.definition.fallback !== undefined) tree.noteTaken(task, queue);
    if (this.#global !== undefined) enter(this.#global, startedAtMs);
    for (const entrance of entrances) enter(entrance, startedAtMs, task);
    tree.hasStarted = true;
    if (tree.isHeld) return;
    tree.isHeld = true;
    for (const entrance of tree.heldByRun) enter(entrance, startedAtMs);
    // The run now holds these units, so other queues of the tree need not wait for them any more.
    for (const each of tree.queues) {
      if (each.waitsAt !== undefined && tree.heldByRun.includes(each.waitsAt)) this.waiting.waitInTurn(each);
    }
  }

  #release(queue: ReadyQueue, task?: TaskState, event?: RunEvent): void {
    queue.running--;
    if (this.#global !== undefined) this.#giveBack(this.#global);
    for (const entrance of queue.entrances) this.#giveBack(entrance, task, event);
  }

  #giveBack({ gate, amount, ofGate }: Entrance, task?: TaskState, event?: RunEvent): void {
    gate.giveBack(amount, task, event);
    this.waiting.recall(ofGate, this.nowMs);
  }

  /** Moves queues that have waited for `ageingMs` one class up, and reserves gates that they wait at. */
  #age(nowMs: number): void {
    this.#agedAtMs = nowMs;
    for (const tree of this.trees.values()) {
      for (const queue of tree.queues) {
        if (!queue.isWaiting) continue;
        if (nowMs - queue.servedAtMs >= this.#ageingMs) this.#reserveFor(queue, nowMs);
        if (queue.priority === 0) continue;
        const steps = Math.floor((nowMs - queue.servedAtMs) / this.#ageingMs);
        const countsAs = Math.max(queue.priority - steps, 0);
        if (countsAs >= queue.countsAs) continue;
        queue.countsAs = countsAs;
        this.waiting.renew(queue);
      }
    }
  }

  /** Keeps what becomes free at the gate for a large demand, which small ones would overtake for as long as these come. */
  #reserveFor({ waitsAt, tree, servedAtMs }: ReadyQueue, nowMs: number): void {
    if (waitsAt === undefined) return;
    const { ofGate, gate, amount } = waitsAt;
    if (ofGate.reserved !== undefined || amount > gate.limit || amount === smallestOf(ofGate)) return;
    this.waiting.reserve(waitsAt, nowMs);
    this.#reservations.push({ gate: gate.name, amount, treeId: tree.run.treeId, waitedMs: nowMs - servedAtMs });
  }

  #nextAtMs(nowMs: number): number | undefined {
    const global = this.#global;
    const recallAtMs = this.waiting.nextRecallAtMs;
    if (global === undefined || !isFull(global, nowMs)) return recallAtMs;
    const freeAtMs = global.gate.freeAtMs(global.amount, nowMs);
    if (freeAtMs === undefined || this.waiting.turns.isEmpty) return recallAtMs;
    return Math.min(freeAtMs, recallAtMs ?? Infinity);
  }

  #treeOf(run: RunState): TreeQueues {
    let tree = this.trees.get(run.treeId);
    if (tree === undefined) {
      tree = new TreeQueues(run, this.#nextTreeNo++, this.entrances);
      this.trees.set(run.treeId, tree);
    }
    return tree;
  }
}

/** False for a task that was ended meanwhile, or whose fallback is ready, which passes other gates. */
function isStillIn(queue: ReadyQueue, task: TaskState): boolean {
  if (task.status !== 'ready') return false;
  return task.definition.fallback === undefined || queue.tree.waitingFor(task) === queue;
}

function smallestOf({ entrances }: OfGate): number {
  return Math.min(...entrances.map(({ amount }) => amount));
}

function enter({ gate, amount }: Entrance, startedAtMs: number | undefined, task?: TaskState): void {
  if (startedAtMs === undefined) gate.adopt(amount);
  else gate.take(amount, startedAtMs, task);
}
