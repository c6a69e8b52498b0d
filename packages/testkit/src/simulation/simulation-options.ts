import type { Store } from '@coppice/core';
import type { Weather } from './simulated-tree.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** A new, empty store. */
  readonly createStore: () => Store;
  /** Default `stormy`. */
  readonly weather?: Weather;
  /** Faults of the store and the process. Default: by weather. */
  readonly faults?: boolean;
  /** The store refuses parts of appends, and another writer appends, too. Default: true. A seed that was found before there were refusals is replayed without. */
  readonly refusals?: boolean;
  /** Somebody pauses and resumes runs and sub-trees, and in a storm also completes and skips tasks by hand. Default: true in a storm. A seed that was found before is replayed without. */
  readonly pauses?: boolean;
  /** Trees grow, wait for answers and share variables. Default: true. A seed that was found before is replayed without. */
  readonly flow?: boolean;
  /** Executors and tasks have breakers. Default: as `flow`. */
  readonly breakers?: boolean;
  /** The process dies when so many appends are durable, once. Default: it does not. */
  readonly crashAtAppend?: number;
  /** Changes everything that is chance but the trees: delays, faults, order. Default 0. */
  readonly variation?: number;
  /** Attempts at once. Default: by seed. */
  readonly concurrency?: number;
  /** Called with each line of the history. */
  readonly onLine?: (line: string) => void;
}

export interface SimulationReport {
  readonly seed: number;
  /** Processes that came to an end before their time. */
  readonly crashes: number;
  readonly events: number;
  readonly statuses: readonly string[];
  /** Per tree, what must not depend on time (see `outcomeText`). */
  readonly outcomes: readonly string[];
  readonly history: readonly string[];
}
