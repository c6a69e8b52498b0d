/** Brings runs into memory: from the newest sound snapshot and the events after it, else from the whole log. */
import {
  fold,
  fromSnapshot,
  InvariantError,
  SNAPSHOT_VERSION,
  type RunSnapshot,
  type RunState,
  type Store,
  type TaskId,
  type TreeId,
} from '@coppice/core';
import type { HostedRun } from './kernel/hosted-run.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Logger } from './logger.ts';
import { QuarantineError, type QuarantinedRun } from './quarantine.ts';

const PAGE = 10_000;

export interface RunLoaderOptions {
  readonly kernel: Kernel;
  readonly store: Store;
  readonly logger: Logger;
}

export class RunLoader {
  readonly #kernel: Kernel;
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #loading = new Map<TreeId, Promise<boolean>>();
  readonly #quarantine = new Map<TreeId, QuarantinedRun>();

  constructor({ kernel, store, logger }: RunLoaderOptions) {
    this.#kernel = kernel;
    this.#store = store;
    this.#logger = logger;
  }

  /**
   * Calls `use` with the run, in the same turn in which it is known to be in memory. Undefined: there is no such tree.
   * Throws a QuarantineError for a run that is set aside.
   */
  async withRun<T>(treeId: TreeId, use: (host: HostedRun) => T): Promise<T | undefined> {
    for (;;) {
      const quarantined = this.#quarantine.get(treeId);
      if (quarantined !== undefined) throw new QuarantineError(quarantined);
      const host = this.#kernel.hosts.find(treeId);
      if (host !== undefined) return use(host);
      if (!(await this.#load(treeId))) return undefined;
    }
  }

  /** Whoever asks for the run waits until `loading` has brought it into memory, or answers that there is none. */
  hold(treeId: TreeId, loading: Promise<boolean>): void {
    this.#loading.set(treeId, loading);
    const forget = (): void => {
      if (this.#loading.get(treeId) === loading) this.#loading.delete(treeId);
    };
    loading.then(forget, forget);
  }

  /** Sets a run aside: it is not in memory, and nobody gets it. */
  quarantine(run: QuarantinedRun): void {
    this.#quarantine.set(run.treeId, run);
    this.#logger.error(
      { treeId: run.treeId, problem: run.problem },
      'A run is set aside; all others go on. Its log is left as it is',
    );
  }

  /** The run is no longer set aside. */
  release(treeId: TreeId): void {
    this.#quarantine.delete(treeId);
  }

  findQuarantined(treeId: TreeId): QuarantinedRun | undefined {
    return this.#quarantine.get(treeId);
  }

  /** Runs that are set aside. */
  get quarantined(): readonly QuarantinedRun[] {
    return [...this.#quarantine.values()];
  }

  /** The tree that a task belongs to. */
  async findTreeOf(taskId: TaskId): Promise<TreeId | undefined> {
    if (this.#kernel.hosts.find(taskId) !== undefined) return taskId;
    return (await this.#store.findTask(taskId))?.treeId;
  }

  /** The state of a run as the log has it, independent of what is in memory. */
  async fold(treeId: TreeId): Promise<RunState | undefined> {
    let run = await this.#fromSnapshot(treeId);
    for (;;) {
      const events = await this.#store.readEvents(treeId, run?.seq ?? 0, PAGE);
      run = fold(events, run);
      if (events.length < PAGE) return run;
    }
  }

  async #load(treeId: TreeId): Promise<boolean> {
    const known = this.#loading.get(treeId);
    if (known !== undefined) return known;
    const loading = this.fold(treeId).then((run) => {
      if (run !== undefined && this.#kernel.hosts.find(treeId) === undefined) this.#kernel.host(run, []);
      return run !== undefined;
    });
    this.hold(treeId, loading);
    return loading;
  }

  async #fromSnapshot(treeId: TreeId): Promise<RunState | undefined> {
    const snapshot = await this.#store.loadSnapshot(treeId);
    if (snapshot === undefined || snapshot.version !== SNAPSHOT_VERSION) return undefined;
    try {
      return fromSnapshot(JSON.parse(snapshot.state) as RunSnapshot);
    } catch (error) {
      if (error instanceof InvariantError) throw error;
      this.#logger.warn(
        { treeId, seq: snapshot.seq, error: String(error) },
        'A snapshot can not be read; the log is folded instead',
      );
      return undefined;
    }
  }
}
