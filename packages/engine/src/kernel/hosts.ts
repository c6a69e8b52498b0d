/** The runs in memory. Active ones stay; of idle ones as many as fit a bound, the longest hosted go first. */
import { ShortLivedMap, type TreeId } from '@coppice/core';
import { isActive, type HostedRun } from './hosted-run.ts';

/** Tasks of runs kept in memory before idle runs are let go, and how many runs one eviction looks at. */
const HOSTED_TASKS_MAX = 200_000;
const EVICTION_LOOKS_MAX = 64;

export class Hosts {
  readonly #hosts = new ShortLivedMap<TreeId, HostedRun>();
  #tasks = 0;

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

  /** True while an executor has an attempt in hand. */
  hasAttempts(): boolean {
    for (const host of this.#hosts.values()) if (host.attempts.size > 0) return true;
    return false;
  }

  #evict(): void {
    if (this.#tasks <= HOSTED_TASKS_MAX) return;
    let looked = 0;
    for (const host of this.#hosts.values()) {
      if (isActive(host)) {
        // To the end, so that active runs never stand between this and the idle ones.
        this.#hosts.delete(host.treeId);
        this.#hosts.set(host.treeId, host);
      } else this.forget(host);
      if (this.#tasks <= HOSTED_TASKS_MAX || ++looked === EVICTION_LOOKS_MAX) return;
    }
  }
}
