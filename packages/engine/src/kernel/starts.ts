/**
 * Starts the tasks that admission picks. A start evaluates expressions for the input, so a turn may be over before all picked tasks have
 * started. The others keep their gates and their order: they start in the next turn, before more tasks are picked.
 */
import {
  isRunTerminal,
  type Admission,
  type BreakerReport,
  type Clock,
  type Decision,
  type Reservation,
  type RunCommand,
  type RunState,
  type TaskState,
} from '@coppice/core';
import { Timers, type Timer } from '../timers.ts';
import { pickedByRun, type RunPicks } from './picked-by-run.ts';
import { turnAway } from './turn-away.ts';
import type { Turn } from './turn.ts';

/** Most tasks that are picked at once. This limits the size of a commit. */
const PICKS_MAX = 4_096;

const NONE: readonly never[] = [];

export interface StartsOptions {
  readonly admission: Admission;
  readonly turn: Turn;
  readonly clock: Clock;
  /** Called when more tasks may start because time has passed: `admit` is to be called soon. */
  readonly onDue: () => void;
  /** A gate is kept for a large demand now. */
  readonly onReserved: (reservation: Reservation) => void;
  /** Decides a command of admission, until the turn is over. */
  readonly submit: (run: RunState, command: RunCommand, nowMs: number) => Decision;
  /** How a breaker is. */
  readonly reportOf: (gate: string, nowMs: number) => BreakerReport | undefined;
}

export class Starts {
  readonly #options: StartsOptions;
  readonly #timers: Timers;
  #left: readonly RunPicks[] = [];
  /** Timer for the time at which a gate has free units. */
  #timer: Timer | undefined;
  #nextAtMs: number | undefined;
  #dueAtMs = -Infinity;

  constructor(options: StartsOptions) {
    this.#options = options;
    this.#timers = new Timers(options.clock);
  }

  /** True when picked tasks have not started yet. */
  get hasLeft(): boolean {
    return this.#left.length > 0;
  }

  /** Starts tasks until all places are taken, the commit is full, or the turn is over. */
  admit(): void {
    const { admission, turn, clock } = this.#options;
    // A due time that has passed by the monotonic clock counts, even if the wall clock was set back.
    const nowMs = Math.max(clock.nowMs(), this.#dueAtMs);
    this.#dueAtMs = -Infinity;
    if (this.hasLeft) this.#startAll(this.#leftReady(nowMs), nowMs);
    while (!turn.isOver) {
      const { picked, nextAtMs, reserved, turnedAway = NONE } = admission.pick(nowMs, PICKS_MAX);
      reserved?.forEach(this.#options.onReserved);
      if (nextAtMs !== this.#nextAtMs) this.#setTimer(nextAtMs);
      if (turnedAway.length > 0) turnAway(this.#options, turnedAway, nowMs);
      if (picked.length > 0) this.#startAll(pickedByRun(picked), nowMs);
      const count = picked.length + turnedAway.length;
      if (count === 0 || count === PICKS_MAX) return;
    }
  }

  /** Stops the timer. */
  stop(): void {
    this.#timers.stop();
  }

  /** Lets picked tasks that have not started stand in line again. */
  putBack(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const { run, taskIds } of this.#left)
      for (const id of taskIds) this.#giveBack(run, run.byId.get(id) as TaskState, nowMs);
    this.#left = [];
  }

  /** Forgets the picked tasks of a run. The caller frees their places. */
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

  /** Sends one command per run. A start that fails may cancel tasks that were picked with it; their places are given back then. */
  #startAll(picks: readonly RunPicks[], nowMs: number): void {
    const { turn, submit } = this.#options;
    const left: RunPicks[] = [];
    for (const pick of picks) {
      const { run, taskIds } = pick;
      if (turn.isOver) {
        left.push(pick);
        continue;
      }
      const decided = submit(run, { type: 'start', taskIds }, nowMs);
      if (!turn.isOver || !decided.ok || isRunTerminal(run.status)) continue;
      const started = decided.value.filter(({ type }) => type === 'TaskStarted').length;
      if (started < taskIds.length) left.push({ run, taskIds: taskIds.slice(started) });
    }
    this.#left = left;
  }

  /** The picked tasks that can still start. Gives the places of the others back. */
  #leftReady(nowMs: number): readonly RunPicks[] {
    const { admission } = this.#options;
    const ready = this.#left.map(({ run, taskIds }) => {
      const tasks = taskIds.map((id) => run.byId.get(id) as TaskState);
      const canStart = (task: TaskState): boolean => task.status === 'ready' && !admission.isClosedTo(run, task);
      for (const task of tasks) if (!canStart(task)) this.#giveBack(run, task, nowMs);
      return { run, taskIds: tasks.filter(canStart).map(({ id }) => id) };
    });
    return ready.filter(({ taskIds }) => taskIds.length > 0);
  }

  /** One that was paused meanwhile stands in line again. */
  #giveBack(run: RunState, task: TaskState, nowMs: number): void {
    const { admission } = this.#options;
    admission.release(run, task);
    if (task.status === 'ready') admission.enqueue(run, task, nowMs);
  }
}
