/**
 * Starts of what admission picks. Inputs are resolved at the start, by expressions, so a turn may be over before all that was picked
 * has started. What is left keeps its gates and its place: it is started in the next turn, before anything else is picked.
 */
import {
  isRunTerminal,
  type Admission,
  type Decision,
  type RunState,
  type TaskId,
  type TaskState,
} from '@coppice/core';
import { pickedByRun, type RunPicks } from './picked-by-run.ts';
import type { Turn } from './turn.ts';

/** Starts picked in one go, so that a commit stays of bounded size. */
const PICKS_MAX = 4_096;

export interface StartsOptions {
  readonly admission: Admission;
  readonly turn: Turn;
  /** Decides the start of these tasks, as far as the turn allows. */
  readonly start: (run: RunState, taskIds: readonly TaskId[], nowMs: number) => Decision;
}

export class Starts {
  readonly #options: StartsOptions;
  #left: readonly RunPicks[] = [];

  constructor(options: StartsOptions) {
    this.#options = options;
  }

  /** True when something was picked and is not started yet. */
  get hasLeft(): boolean {
    return this.#left.length > 0;
  }

  /** Fills the free places, as far as one commit and the turn allow. */
  admit(nowMs: number): void {
    const { admission, turn } = this.#options;
    if (this.hasLeft) this.#startAll(this.#leftReady(), nowMs);
    while (!turn.isOver) {
      const picked = admission.pick(nowMs, PICKS_MAX);
      if (picked.length > 0) this.#startAll(pickedByRun(picked), nowMs);
      if (picked.length === 0 || picked.length === PICKS_MAX) return;
    }
  }

  /** Nothing of the run is started any more. The caller frees its places. */
  forget(run: RunState): void {
    if (this.hasLeft) this.#left = this.#left.filter((each) => each.run !== run);
  }

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
