/**
 * Starts of what admission picks. Inputs are resolved at the start, by expressions, so a turn may be over before all that was picked
 * has started. What is left keeps its gates and its place: it is started in the next turn, before anything else is picked.
 */
import {
  isRunTerminal,
  type Admission,
  type Clock,
  type Decision,
  type RunState,
  type TaskId,
  type TaskState,
} from '@coppice/core';
import { Timers, type Timer } from '../timers.ts';
import { pickedByRun, type RunPicks } from './picked-by-run.ts';
import type { Turn } from './turn.ts';

/** Starts picked in one go, so that a commit stays of bounded size. */
const PICKS_MAX = 4_096;

export interface StartsOptions {
  readonly admission: Admission;
  readonly turn: Turn;
  readonly clock: Clock;
  /** Time alone lets more start now: call `admit` soon. */
  readonly onDue: () => void;
  /** Decides the start of these tasks, as far as the turn allows. */
  readonly start: (run: RunState, taskIds: readonly TaskId[], nowMs: number) => Decision;
}

export class Starts {
  readonly #options: StartsOptions;
  readonly #timers: Timers;
  #left: readonly RunPicks[] = [];
  /** Set for the time at which a gate has more, and the time that has come. */
  #timer: Timer | undefined;
  #nextAtMs: number | undefined;
  #dueAtMs = -Infinity;

  constructor(options: StartsOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  /** True when something was picked and is not started yet. */
  get hasLeft(): boolean {
    return this.#left.length > 0;
  }

  /** Fills the free places, as far as one commit and the turn allow. */
  admit(): void {
    const { admission, turn, clock } = this.#options;
    // A due time that has passed by the monotonic clock has passed, even if the wall clock was set back.
    const nowMs = Math.max(clock.nowMs(), this.#dueAtMs);
    this.#dueAtMs = -Infinity;
    if (this.hasLeft) this.#startAll(this.#leftReady(), nowMs);
    while (!turn.isOver) {
      const { picked, nextAtMs } = admission.pick(nowMs, PICKS_MAX);
      if (nextAtMs !== this.#nextAtMs) this.#setTimer(nextAtMs);
      if (picked.length > 0) this.#startAll(pickedByRun(picked), nowMs);
      if (picked.length === 0 || picked.length === PICKS_MAX) return;
    }
  }

  /** No timer fires any more. */
  stop(): void {
    this.#timers.stop();
  }

  /** Nothing of the run is started any more. The caller frees its places. */
  forget(run: RunState): void {
    if (this.hasLeft) this.#left = this.#left.filter((each) => each.run !== run);
  }

  #setTimer(atMs: number | undefined): void {
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer);
    this.#nextAtMs = atMs;
    this.#timer = atMs === undefined ? undefined : this.#timers.add(atMs, this.#onTimer);
  }

  readonly #onTimer = (dueAtMs: number): void => {
    this.#timer = undefined;
    this.#nextAtMs = undefined;
    this.#dueAtMs = dueAtMs;
    this.#options.onDue();
  };

  /** One command per run: a start that fails may cancel what was picked with it, whose places must then be given back. */
  #startAll(picks: readonly RunPicks[], nowMs: number): void {
    const { turn, start } = this.#options;
    const left: RunPicks[] = [];
    for (const pick of picks) {
      const { run, taskIds } = pick;
      if (turn.isOver) {
        left.push(pick);
        continue;
      }
      const decided = start(run, taskIds, nowMs);
      if (!turn.isOver || !decided.ok || isRunTerminal(run.status)) continue;
      const started = decided.value.filter(({ type }) => type === 'TaskStarted').length;
      if (started < taskIds.length) left.push({ run, taskIds: taskIds.slice(started) });
    }
    this.#left = left;
  }

  /** Those left that can still start. What became of the others since gives their places back. */
  #leftReady(): readonly RunPicks[] {
    const ready = this.#left.map(({ run, taskIds }) => {
      const tasks = taskIds.map((id) => run.byId.get(id) as TaskState);
      for (const task of tasks) if (task.status !== 'ready') this.#options.admission.release(run, task);
      return { run, taskIds: tasks.filter(({ status }) => status === 'ready').map(({ id }) => id) };
    });
    return ready.filter(({ taskIds }) => taskIds.length > 0);
  }
}
