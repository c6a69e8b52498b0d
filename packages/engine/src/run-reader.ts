/**
 * Reads the states of runs: from the newest sound snapshot and the events after it, else from the whole log. When only the end of a log is
 * lost, the run goes on from the rest. Any other log that can not be read sets its run aside.
 */
import { factsOf, TransientError, type Clock, type RunState, type Store, type TreeId } from '@coppice/core';
import { errorText } from './error-text.ts';
import { foldLog } from './fold-log.ts';
import type { Logger } from './logger.ts';
import { QuarantineError, type Quarantine } from './quarantine.ts';
import { readSnapshot } from './snapshot-reader.ts';

/** Codes of faults of one log. The store itself can be used. */
const LOG_FAULTS: ReadonlySet<unknown> = new Set(['storage/corrupt', 'storage/newer']);

/** True for an error that says that a log can not be read; false for an error of the store or its environment. */
export function isLogFault(error: unknown): boolean {
  if (TransientError.is(error)) return false;
  const { code } = error as { readonly code?: unknown };
  return LOG_FAULTS.has(code) || typeof code !== 'string' || !code.startsWith('storage/');
}

/** A run that was read. `isMended`: the lost end of its log is missing, so the run may be under way again. */
export interface ReadRun {
  readonly run: RunState;
  readonly isMended: boolean;
}

interface RunReaderParts {
  readonly store: Store;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class RunReader {
  readonly #store: Store;
  readonly #quarantine: Quarantine;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: RunReaderParts) {
    this.#store = parts.store;
    this.#quarantine = parts.quarantine;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Reads a run that is not loaded. Undefined: there is no such tree. Throws a QuarantineError for a log that can not be read. */
  async read(treeId: TreeId): Promise<ReadRun | undefined> {
    const log = await this.#store.findLog(treeId);
    if (log === undefined) return undefined;
    const { seq, userId } = log;
    try {
      return { run: await this.readAt(treeId, seq), isMended: false };
    } catch (error) {
      if (!isLogFault(error)) throw error;
      return this.#mend({ treeId, userId }, error);
    }
  }

  /** The state right after event `seq` of a stored log. Throws when the log does not reach so far, or can not be read. */
  async readAt(treeId: TreeId, seq: number): Promise<RunState> {
    for (const snapshot of await this.#store.listSnapshots(treeId)) {
      if (snapshot.seq > seq) continue;
      try {
        return await this.#fold(treeId, seq, await readSnapshot(this.#store, this.#clock, snapshot));
      } catch (error) {
        if (!isLogFault(error)) throw error;
        this.#logger.warn(
          { treeId, seq: snapshot.seq, error: String(error) },
          'A snapshot can not be used; more of the log is folded instead',
        );
      }
    }
    return this.#fold(treeId, seq);
  }

  /** The state of the same run right after a later event; the given one is changed. Throws as `readAt` does. */
  goOn(from: RunState, seq: number): Promise<RunState> {
    return this.#fold(from.treeId, seq, from);
  }

  #fold(treeId: TreeId, seq: number, from?: RunState): Promise<RunState> {
    return foldLog({ store: this.#store, clock: this.#clock }, { treeId, seq, from });
  }

  async #mend(tree: { readonly treeId: TreeId; readonly userId: string }, error: unknown): Promise<ReadRun> {
    const { treeId } = tree;
    const found = await this.#store.verifyLog(treeId).catch((fault: unknown) => {
      if (isLogFault(fault)) return undefined;
      throw fault;
    });
    if (found?.soundSeq !== undefined) {
      const run = await this.#fold(treeId, found.soundSeq);
      await this.#store.restore(factsOf(run));
      this.#quarantine.noteCut({ ...tree, seq: found.soundSeq + 1 }, found.problem);
      return { run, isMended: true };
    }
    const message = errorText(error);
    const problem = `its log can not be read, ${found === undefined ? message : `event ${found.seq}: ${found.problem}`}`;
    await this.#quarantine.setAside({ ...tree, problem });
    throw new QuarantineError({ ...tree, problem });
  }
}
