/**
 * The runs in memory. Active runs stay. Idle runs stay until all runs together have too many tasks; then the ones that were loaded
 * first are forgotten first.
 */
import { isRunTerminal, ShortLivedMap, type RunState, type TreeId } from '@coppice/core';
import type { LoadedRun } from './loaded-run.ts';

/** Most tasks of loaded runs before idle runs are forgotten, and most runs that one eviction looks at. */
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

  /** Removes an idle run from memory. Whoever needs it loads it again. */
  forget(loadedRun: LoadedRun): void {
    // A late result of a dropped run must not remove the run that took its place.
    if (this.#runs.get(loadedRun.treeId) !== loadedRun) return;
    this.#runs.delete(loadedRun.treeId);
    this.#tasks -= loadedRun.state.tasks.length;
  }

  /** Number of tasks of runs that have begun and not ended. */
  get openTasks(): number {
    return this.#openTasks;
  }

  /** Counts the tasks of a run that has begun. */
  opened({ selectedCount }: RunState): void {
    this.#openTasks += selectedCount;
  }

  /** Takes the tasks of a run that has ended from the count. */
  ended({ selectedCount }: RunState): void {
    this.#openTasks -= selectedCount;
  }

  /** Counts the tasks of a run that a former process left open. */
  resumed(run: RunState): void {
    if (run.status !== 'created' && !isRunTerminal(run.status)) this.opened(run);
  }

  /** Removes a run whose state can not be trusted. Its count can not be trusted either, so all other runs are counted again. */
  drop(loadedRun: LoadedRun): void {
    this.forget(loadedRun);
    this.#openTasks = 0;
    for (const { state } of this.#runs.values()) this.resumed(state);
  }

  /** Removes a run whose end is durable and that has no attempts. It is loaded again when someone asks for it. */
  forgetEnded(loadedRun: LoadedRun): void {
    if (isRunTerminal(loadedRun.state.status) && loadedRun.isDurable && !loadedRun.hasAttempts) this.forget(loadedRun);
  }

  /** True while an executor works on an attempt. */
  hasAttempts(): boolean {
    for (const loadedRun of this.#runs.values()) if (loadedRun.hasAttempts) return true;
    return false;
  }

  #evict(): void {
    if (this.#tasks <= LOADED_TASKS_MAX) return;
    let looked = 0;
    for (const loadedRun of this.#runs.values()) {
      if (loadedRun.isActive) {
        // Active runs are moved to the end, so that the next search finds idle runs first.
        this.#runs.delete(loadedRun.treeId);
        this.#runs.set(loadedRun.treeId, loadedRun);
      } else this.forget(loadedRun);
      if (this.#tasks <= LOADED_TASKS_MAX || ++looked === EVICTION_LOOKS_MAX) return;
    }
  }
}
