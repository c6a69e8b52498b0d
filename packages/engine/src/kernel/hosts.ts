/** The runs in memory. Active ones stay; of idle ones as many as fit a bound, the longest hosted go first. */
import { isRunTerminal, ShortLivedMap, type RunState, type TreeId } from '@coppice/core';
import type { HostedRun } from './hosted-run.ts';

/** Tasks of runs kept in memory before idle runs are let go, and how many runs one eviction looks at. */
const HOSTED_TASKS_MAX = 200_000;
const EVICTION_LOOKS_MAX = 64;

export class Hosts {
  readonly #hosts = new ShortLivedMap<TreeId, HostedRun>();
  #tasks = 0;
  #openTasks = 0;

  find(treeId: TreeId): HostedRun | undefined {
    return this.#hosts.get(treeId);
  }

  list(): HostedRun[] {
    return [...this.#hosts.values()];
  }

  add(host: HostedRun): void {
    this.#evict();
    this.#hosts.set(host.treeId, host);
    this.#tasks += host.state.tasks.length;
  }

  /** Takes an idle run out of memory; who needs it loads it again. */
  forget(host: HostedRun): void {
    // A late result of a run that was loaded again must not take its successor out.
    if (this.#hosts.get(host.treeId) !== host) return;
    this.#hosts.delete(host.treeId);
    this.#tasks -= host.state.tasks.length;
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
  drop(host: HostedRun): void {
    this.forget(host);
    this.#openTasks = 0;
    for (const { state } of this.#hosts.values()) this.resumed(state);
  }

  /** Takes a run out that has ended, durably, with nothing in hand; it is loaded again when someone asks. */
  forgetEnded(host: HostedRun): void {
    if (isRunTerminal(host.state.status) && host.isDurable && !host.hasAttempts) this.forget(host);
  }

  /** True while an executor has an attempt in hand. */
  hasAttempts(): boolean {
    for (const host of this.#hosts.values()) if (host.hasAttempts) return true;
    return false;
  }

  #evict(): void {
    if (this.#tasks <= HOSTED_TASKS_MAX) return;
    let looked = 0;
    for (const host of this.#hosts.values()) {
      if (host.isActive) {
        // To the end, so that active runs never stand between this and the idle ones.
        this.#hosts.delete(host.treeId);
        this.#hosts.set(host.treeId, host);
      } else this.forget(host);
      if (this.#tasks <= HOSTED_TASKS_MAX || ++looked === EVICTION_LOOKS_MAX) return;
    }
  }
}
