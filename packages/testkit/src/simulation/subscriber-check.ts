/** Checks what a subscriber to all trees hears. */
import assert from 'node:assert/strict';
import { evolve, type RunEvent, type RunState, type TreeId } from '@coppice/core';
import type { InvariantChecker } from './invariant-checker.ts';

export class SubscriberCheck {
  readonly #checker: InvariantChecker;
  /** What was heard, folded. */
  readonly #heard = new Map<TreeId, RunState>();

  constructor(checker: InvariantChecker) {
    this.#checker = checker;
  }

  /** Subscribers hear only what is durable, in order. A new process may tell nothing twice, and never leaves a gap within itself. */
  hear(treeId: TreeId, event: RunEvent): void {
    // What was read of a tree just before it was removed may be told just after.
    if (this.#checker.isRemoved(treeId)) return;
    const durable = this.#checker.findRun(treeId);
    assert.ok(
      durable !== undefined && event.seq <= durable.seq,
      `9: a subscriber hears of ${treeId} ${event.seq} before it is durable`,
    );
    const known = this.#heard.get(treeId);
    if (event.type === 'TreeCreated') this.#heard.set(treeId, evolve(undefined, event));
    else if (known !== undefined && event.seq === known.seq + 1) this.#heard.set(treeId, evolve(known, event));
    else this.#heard.delete(treeId);
  }
}
