/**
 * The state of a run at a past moment, kept for a while: the pages of one answer, and moments that follow each other, fold the log once.
 *
 * 1. One state is kept at most, and none when nobody has asked for so long.
 * 2. Who uses the state has it alone: a second request at the same time folds its own.
 * 3. A tree that was removed and made again under the same id has another seed, so it is another run.
 */
import type { Clock, RunState, TreeId } from '@coppice/core';
import type { RunReader } from './run-reader.ts';

const KEEP_MS = 15_000;

/** A moment of a run: right after event `seq`. `seed`: that of the run, which tells it from others with the same id. */
export interface PastMoment {
  readonly treeId: TreeId;
  readonly seq: number;
  readonly seed: string;
}

interface PastStateParts {
  readonly reader: Pick<RunReader, 'readAt' | 'goOn'>;
  readonly clock: Clock;
}

export class PastState {
  readonly #parts: PastStateParts;
  #kept: RunState | undefined;
  #forget: () => void = () => {};

  constructor(parts: PastStateParts) {
    this.#parts = parts;
  }

  /** Answers what `look` does. It must not keep the state, which goes on to another moment. Rejects when the log can not be read. */
  async at<T>(moment: PastMoment, look: (run: RunState) => T): Promise<T> {
    const run = await this.#read(moment, this.#take(moment));
    try {
      return look(run);
    } finally {
      this.#keep(run);
    }
  }

  /** Forgets what is kept. */
  stop(): void {
    this.#forget();
    this.#kept = undefined;
  }

  #read({ treeId, seq }: PastMoment, from: RunState | undefined): Promise<RunState> {
    const { reader } = this.#parts;
    return from === undefined ? reader.readAt(treeId, seq) : reader.goOn(from, seq);
  }

  #take({ treeId, seq, seed }: PastMoment): RunState | undefined {
    const kept = this.#kept;
    if (kept === undefined || kept.treeId !== treeId || kept.seed !== seed || kept.seq > seq) return undefined;
    this.stop();
    return kept;
  }

  #keep(run: RunState): void {
    this.stop();
    this.#kept = run;
    this.#forget = this.#parts.clock.setTimer(KEEP_MS, () => (this.#kept = undefined));
  }
}
