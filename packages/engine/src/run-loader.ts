/** Loads runs into memory. */
import type { TaskId, TreeId, TreeIndex } from '@coppice/core';
import type { LoadedRun } from './kernel/loaded-run.ts';
import type { Kernel } from './kernel/kernel.ts';
import { QuarantineError, type Quarantine } from './quarantine.ts';
import type { RunReader } from './run-reader.ts';

export interface RunLoaderOptions {
  readonly kernel: Kernel;
  readonly index: TreeIndex;
  readonly quarantine: Quarantine;
  readonly reader: RunReader;
  /** Called when a run was loaded without the lost end of its log. It may be under way again. */
  readonly onMended: (loadedRun: LoadedRun) => void;
}

export class RunLoader {
  readonly #options: RunLoaderOptions;
  readonly #loading = new Map<TreeId, Promise<boolean>>();
  /** Runs of a former process that are to be continued and have not been loaded yet. */
  #unresumed: ReadonlySet<TreeId> = new Set();
  #resume: (loadedRun: LoadedRun) => void = () => {};

  constructor(options: RunLoaderOptions) {
    this.#options = options;
  }

  /**
   * Calls `use` with the loaded run, in the turn in which it was found or loaded. Undefined: there is no such tree.
   * Throws a QuarantineError for a run that is set aside.
   */
  async withRun<T>(treeId: TreeId, use: (loadedRun: LoadedRun) => T): Promise<T | undefined> {
    const { kernel, quarantine } = this.#options;
    for (;;) {
      const loadedRun = kernel.loadedRuns.find(treeId);
      if (loadedRun !== undefined) return use(loadedRun);
      const quarantined = quarantine.find(treeId);
      if (quarantined !== undefined) throw new QuarantineError(quarantined);
      if (!(await this.#load(treeId))) return undefined;
    }
  }

  /** Continues these runs as soon as somebody needs them, so that nobody sees one of them in the state that the former process left. */
  resumeWhenLoaded(treeIds: readonly TreeId[], resume: (loadedRun: LoadedRun) => void): void {
    const unresumed = new Set(treeIds);
    this.#unresumed = unresumed;
    this.#resume = (loadedRun) => {
      unresumed.delete(loadedRun.treeId);
      resume(loadedRun);
    };
  }

  /** Lets requests for the run wait for `loading`, which loads the run or answers that there is none. */
  hold(treeId: TreeId, loading: Promise<boolean>): void {
    this.#loading.set(treeId, loading);
    const forget = (): void => {
      if (this.#loading.get(treeId) === loading) this.#loading.delete(treeId);
    };
    loading.then(forget, forget);
  }

  /** The tree that a task belongs to. */
  async findTreeOf(taskId: TaskId): Promise<TreeId | undefined> {
    const { kernel, index } = this.#options;
    if (kernel.loadedRuns.find(taskId) !== undefined) return taskId;
    return (await index.findTask(taskId))?.treeId;
  }

  #load(treeId: TreeId): Promise<boolean> {
    const known = this.#loading.get(treeId);
    if (known !== undefined) return known;
    const { kernel, reader, onMended } = this.#options;
    const loading = reader.read(treeId).then((read) => {
      if (read === undefined) return false;
      if (kernel.loadedRuns.find(treeId) !== undefined) return true;
      const loadedRun = kernel.addRun(read.run, []);
      if (this.#unresumed.has(treeId)) this.#resume(loadedRun);
      else if (read.isMended) onMended(loadedRun);
      return true;
    });
    this.hold(treeId, loading);
    return loading;
  }
}
