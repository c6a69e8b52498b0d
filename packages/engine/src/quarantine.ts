/**
 * Runs that are set aside: their log can not be read, or nothing can be decided on them. All other runs go on.
 * The store shows such a run as failed, the log stays as it is, and each start of an engine looks at it again.
 */
import { refuse, type Refused, type Projections, type TreeId } from '@coppice/core';
import type { Logger } from './logger.ts';

/** A run that is set aside, and why. */
export interface QuarantinedRun {
  readonly treeId: TreeId;
  readonly userId: string;
  /** Where and what. */
  readonly problem: string;
}

/** A log whose end was cut off, and that goes on from what is left of it. */
export interface CutLog {
  readonly treeId: TreeId;
  readonly userId: string;
  /** The first event that is lost. */
  readonly seq: number;
}

/** Cut logs that are remembered until the engine stops. */
const CUT_LOGS_MAX = 1_000;

export class Quarantine {
  readonly #store: Projections;
  readonly #logger: Logger;
  readonly #runs = new Map<TreeId, QuarantinedRun>();
  readonly #cutLogs: CutLog[] = [];

  constructor(store: Projections, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  find(treeId: TreeId): QuarantinedRun | undefined {
    return this.#runs.get(treeId);
  }

  list(): readonly QuarantinedRun[] {
    return [...this.#runs.values()];
  }

  get cutLogs(): readonly CutLog[] {
    return this.#cutLogs;
  }

  /** Sets a run aside that is not in memory. Nobody gets it from now on, even if the store can not be told. */
  async setAside(run: QuarantinedRun): Promise<void> {
    const { treeId, problem } = run;
    this.#runs.set(treeId, run);
    this.#logger.error({ treeId, problem }, 'A run is set aside, all others go on; its log is left as it is');
    const { code, message } = new QuarantineError(run).refusal.rejection;
    try {
      await this.#store.quarantine(treeId, { code, message, retryable: false });
    } catch (error) {
      this.#logger.error({ treeId, error: String(error) }, 'The store can not show that a run is set aside');
    }
  }

  /** The run is no longer set aside. */
  release(treeId: TreeId): void {
    this.#runs.delete(treeId);
  }

  /** Takes down that a log goes on without its end. */
  noteCut(log: CutLog, problem: string): void {
    const { treeId, seq } = log;
    if (this.#cutLogs.length < CUT_LOGS_MAX) this.#cutLogs.push(log);
    this.#logger.error(
      { treeId, seq, problem },
      'The end of a log was cut off; the run goes on from the event before it. Check the disk',
    );
  }
}

/** Thrown where a run is needed that is set aside; requests answer its `refusal`. */
export class QuarantineError extends Error {
  override readonly name = 'QuarantineError';
  readonly refusal: Refused;

  constructor({ treeId, problem }: QuarantinedRun) {
    const advice = 'Put a sound copy of the database in its place and start again, or delete the tree';
    const message = `The run of tree ${treeId} is set aside: ${problem}. ${advice}`;
    super(message);
    this.refusal = refuse('storage/unreadable', message, { data: { treeId } });
  }
}

/** Answers a request; one that needs a run that is set aside is refused. */
export async function unlessQuarantined<T>(request: () => Promise<T>): Promise<T | Refused> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof QuarantineError) return error.refusal;
    throw error;
  }
}
