/** What people ask of admission: gates and their use, who waits where, and why. Nothing here changes anything but what was told. */
import type { TreeId } from '@coppice/extension';
import { isEarlier } from '../run/order-key.ts';
import type { RunState, TaskState } from '../run/state.ts';
import { Entrances } from './entrances.ts';
import { earliest, lineOf, starvingOf, useOf } from './gate-lines.ts';
import type { GateLine, GateSource, GateUse, Place, Starving } from './gate.ts';
import { heldUnits, type HeldUnits } from './held-units.ts';
import { isFull, type Entrance, type OfGate, type ReadyQueue } from './ready-queue.ts';
import { ShortLivedMap } from './short-lived-map.ts';
import type { TreeQueues } from './tree-queues.ts';
import { WaitingQueues } from './waiting-queues.ts';

const NONE: readonly never[] = [];

/** The state of admission, and what is said of it. */
export abstract class AdmissionReports {
  protected readonly entrances: Entrances;
  protected readonly trees = new ShortLivedMap<TreeId, TreeQueues>();
  protected readonly waiting = new WaitingQueues();
  /** Time of the last pick. */
  protected nowMs = 0;

  constructor(gates: GateSource) {
    this.entrances = new Entrances(gates);
  }

  /** The use of all gates that limit something. */
  uses(): readonly GateUse[] {
    const limiting = [...this.entrances.byGate()].filter(({ entrances }) => entrances[0]?.gate.limit !== Infinity);
    return limiting.map((ofGate) => {
      let waiting = 0;
      for (const { ready } of this.#queuesAt(ofGate)) waiting += ready.size;
      return useOf((ofGate.entrances[0] as Entrance).gate, waiting);
    });
  }

  /** The same for whoever looks after limits, with who waits and since when, and when time alone makes a unit free. */
  lines(nowMs: number): readonly GateLine[] {
    return [...this.entrances.byGate()].map((ofGate) => lineOf(ofGate, this.#queuesAt(ofGate), nowMs));
  }

  /**
   * Finds lines of tasks of which none has started for `afterMs`, because of a gate. Each is told once, until one of its tasks starts. A gate
   * that nothing shall pass keeps nobody hungry. `isWaiting`: something waits, so it is worth to ask again.
   */
  starving(nowMs: number, afterMs: number): { readonly found: readonly Starving[]; readonly isWaiting: boolean } {
    const found: Starving[] = [];
    let isWaiting = false;
    for (const tree of this.trees.values()) {
      for (const queue of tree.queues) {
        const gate = (queue.waitsAt ?? this.entrances.global)?.gate;
        if (!queue.isWaiting || gate === undefined || gate.limit === 0) continue;
        isWaiting = true;
        if (queue.isStarving || nowMs - queue.servedAtMs < afterMs) continue;
        const starving = starvingOf(gate, queue, nowMs);
        if (starving === undefined) continue;
        queue.isStarving = true;
        found.push(starving);
      }
    }
    return { found, isWaiting };
  }

  /** The queues that a gate may keep waiting: at the global gate all whose turn may come. */
  *#queuesAt({ entrances }: OfGate): Generator<ReadyQueue> {
    for (const entrance of entrances)
      yield* entrance === this.entrances.global ? this.waiting.turns : (entrance.waiting ?? NONE);
  }

  /** Where a ready task stands among the tasks of its tree that pass the same gates, and what it takes at each. */
  placeOf(run: RunState, task: TaskState): Place | undefined {
    const queue = this.trees.get(run.treeId)?.waitingFor(task);
    if (queue === undefined) return undefined;
    let place = 1;
    for (const each of queue.ready) if (each !== task && each.status === 'ready' && isEarlier(each, task)) place++;
    const demands = new Map(queue.entrances.map(({ gate, amount }) => [gate.name, amount]));
    return { place, waiting: queue.ready.size, oldestReadyAtMs: earliest(queue.ready, undefined), demands };
  }

  /** What a run, at any moment of its log, holds at gates. */
  heldBy(run: RunState): readonly HeldUnits[] {
    return heldUnits(this.entrances.source, run);
  }

  /** The full gates that keep a ready task from starting now. */
  blockers(run: RunState, task: TaskState): readonly GateUse[] {
    const queue = this.trees.get(run.treeId)?.waitingFor(task);
    if (queue === undefined) return [];
    const { tree, entrances, ready } = queue;
    const global = this.entrances.global === undefined ? NONE : [this.entrances.global];
    return [...global, ...(tree.isHeld ? NONE : tree.heldByRun), ...entrances]
      .filter((entrance) => isFull(entrance, this.nowMs))
      .map(({ gate }) => useOf(gate, ready.size));
  }
}
