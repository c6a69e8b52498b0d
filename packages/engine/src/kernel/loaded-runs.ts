/**
 * The runs in memory. Active runs stay. Idle runs stay until all runs together have too many tasks; then the ones that were loaded
 * first are forgotten first.
 */
import { isRunTerminal, ShortLivedMap, type RunState, type TreeId } from '@coppice/core';
import type { LoadedRun } from './loaded-run.ts';

/** Tasks of runs kept in memory before idle runs are let go, and how many runs one eviction looks at. */
const LOADED_TASKS_MAX = 200_000;
const EVICTION_LOOKS_MAX = 64;

export class LoadedRuns {
  readonly #runs = new ShortLivedMap<TreeId, LoadedRun>();
  #tasks = 0;
  #openTasks = 0;

  find(treeId: TreeId): LoadedRun | undefined {
    return this.#runs.get(treeId);
  }

  list(): LoadedRun[] {
    return [...this.#runs.values()];
  }

  add(loadedRun: LoadedRun): void {
    this.#evict();
    this.#runs.set(loadedRun.treeId, loadedRun);
    this.#tasks += loadedRun.state.tasks.length;
  }

  /** Takes an idle run out of memory; who needs it loads it again. */
  forget(loadedRun: LoadedRun): void {
    // A late result of a run that was loaded again must not take its successor out.
    if (this.#runs.get(loadedRun.treeId) !== loadedRun) return;
    this.#runs.delete(loadedRun.treeId);
    this.#tasks -= loadedRun.state.tasks.length;
  }

  /** Tasks of runs that have begun and not ended. */
  get openTasks(): number {
    return this.#openTasks;
  }

  /** A run has begun. */
  opened({ selectedCount }: RunState): void {
    this.#openTasks += selectedCount;
  }

  /** A run has ended. */
  ended({ selectedCount }: RunState): void {
    this.#openTasks -= selectedCount;
  }

  /** A run goes on that a former process left. */
  resumed(run: RunState): void {
    if (run.status !== 'created' && !isRunTerminal(run.status)) this.opened(run);
  }

  /** Takes a run out whose state can not be trusted, so that all others are counted again. */
  drop(loadedRun: LoadedRun): void {
    this.forget(loadedRun);
    this.#openTasks = 0;
    for (const { state } of this.#runs.values()) this.resumed(state);
  }

  /** Takes a run out that has ended, durably, with nothing in hand; it is loaded again when someone asks. */
  forgetEnded(loadedRun: LoadedRun): void {
    if (isRunTerminal(loadedRun.state.status) && loadedRun.isDurable && !loadedRun.hasAttempts) this.forget(loadedRun);
  }

  /** True while an executor has an attempt in hand. */
  hasAttempts(): boolean {
    for (const loadedRun of this.#runs.values()) if (loadedRun.hasAttempts) return true;
    return false;
  }

  #evict(): void {
    if (this.#tasks <= LOADED_TASKS_MAX) return;
    let looked = 0;
    for (const loadedRun of this.#runs.values()) {
      if (loadedRun.isActive) {
        // To the end, so that active runs never stand between this and the idle ones.
        this.#runs.delete(loadedRun.treeId);
        this.#runs.set(loadedRun.treeId, loadedRun);
      } else this.forget(loadedRun);
      if (this.#tasks <= LOADED_TASKS_MAX || ++looked === EVICTION_LOOKS_MAX) return;
    }
  }
}
