/** A subscriber of one tree that wants its whole history: it must hear every event once, in order, and of the end, however slow it is. */
import assert from 'node:assert/strict';
import { isRunTerminal, type RunState, type SeededRandom, type TreeId } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { ProcessClock } from './virtual-clock.ts';

export interface FollowerOptions {
  readonly engine: Engine;
  readonly clock: ProcessClock;
  readonly random: SeededRandom;
  readonly treeId: TreeId;
  /** Called with what a check throws. */
  readonly onFailure: (error: Error) => void;
}

export class Follower {
  readonly #treeId: TreeId;
  #seq = 0;
  #ends = 0;

  constructor({ engine, clock, random, treeId, onFailure }: FollowerOptions) {
    this.#treeId = treeId;
    const isSlow = random.next() < 0.5;
    engine.subscribe(
      { treeId, afterSeq: 0 },
      {
        event: (of, { seq }) => {
          try {
            assert.equal(of, treeId, 'a follower hears of its tree only');
            assert.equal(seq, this.#seq + 1, `a follower of ${treeId} hears every event once, in order`);
            this.#seq = seq;
          } catch (error) {
            onFailure(error as Error);
          }
          return isSlow ? new Promise<void>((resolve) => void clock.setTimer(random.integer(6), resolve)) : undefined;
        },
        end: () => {
          this.#ends++;
        },
      },
    );
  }

  /** Called when nothing can happen any more: it must have seen every event. */
  settled(find: (treeId: TreeId) => RunState | undefined): void {
    const run = find(this.#treeId);
    if (run === undefined) return;
    assert.equal(this.#seq, run.seq, `a follower of ${this.#treeId} has heard everything`);
    assert.ok(!isRunTerminal(run.status) || this.#ends > 0, `a follower of ${this.#treeId} has heard of the end`);
  }
}
