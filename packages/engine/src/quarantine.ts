/**
 * Runs that are set aside: their log can not be read, or nothing can be decided on them. All other runs go on.
 * The store shows such a run as failed, the log stays as it is, and each start of an engine looks at it again.
 */
import { refuse, type RefusedOutcome, type Projections, type TreeId } from '@coppice/core';
import type { Logger } from './logger.ts';

/** A run that is set aside, and why. */
export interface QuarantinedRun {
  readonly treeId: TreeId;
  readonly userId: string;
  /** The place and the fault. */
  readonly problem: string;
}

/** A log whose end was lost. Its run goes on from the rest. */
export interface CutLog {
  readonly treeId: TreeId;
  readonly userId: string;
  /** Sequence number of the first lost event. */
  readonly seq: number;
}

/** Most cut logs that are remembered. */
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

  /** Sets a run aside that is not in memory. From now on requests for it are refused, even if the store can not note it. */
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

  /** Puts a run back among the others. */
  release(treeId: TreeId): void {
    this.#runs.delete(treeId);
  }

  /** Notes a log that goes on without its lost end. */
  noteCut(log: CutLog, problem: string): void {
    const { treeId, seq } = log;
    if (this.#cutLogs.length < CUT_LOGS_MAX) this.#cutLogs.push(log);
    this.#logger.error(
      { treeId, seq, problem },
      'The end of a log was cut off; the run goes on from the event before it. Check the disk',
    );
  }
}

/** Thrown where a run is needed that is set aside. Requests answer its `refusal`. */
export class QuarantineError extends Error {
  override readonly name = 'QuarantineError';
  readonly refusal: RefusedOutcome;

  constructor({ treeId, problem }: QuarantinedRun) {
    const advice = 'Put a sound copy of the database in its place and start again, or delete the tree';
    const message = `The run of tree ${treeId} is set aside: ${problem}. ${advice}`;
    super(message);
    this.refusal = refuse('storage/unreadable', message, { data: { treeId } });
  }
}

/** Runs a request. It is refused when it needs a run that is set aside. */
export async function unlessQuarantined<T>(request: () => Promise<T>): Promise<T | RefusedOutcome> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof QuarantineError) return error.refusal;
    throw error;
  }
}
