/** R-SG-09: while a breaker is not closed, no more of its probes run at once than it takes to close it. Counted from what is durable. */
import assert from 'node:assert/strict';
import { executorOf, type BreakerPolicy, type EngineEvent, type TaskState } from '@coppice/core';

/** One time that a breaker is not closed. */
interface Opening {
  readonly probes: number;
  /** Attempts that began since, and run. */
  readonly running: Set<string>;
  /** The most at once. */
  most: number;
  /** False: attempts have ended that the log does not know of. */
  isKnown: boolean;
}

export class BreakerCheck {
  readonly #configured: Readonly<Record<string, BreakerPolicy>>;
  readonly #open = new Map<string, Opening>();

  constructor(configured: Readonly<Record<string, BreakerPolicy>> = {}) {
    this.#configured = configured;
  }

  /** `attempt`: unique among all trees. */
  started(task: TaskState, attempt: string): void {
    const opening = this.#open.get(this.#nameOf(task));
    if (opening === undefined) return;
    opening.running.add(attempt);
    opening.most = Math.max(opening.most, opening.running.size);
  }

  ended(attempt: string): void {
    for (const { running } of this.#open.values()) running.delete(attempt);
  }

  /** What a store refuses ends attempts that the log goes on to know as running, and so does the end of a process. */
  forget(): void {
    for (const opening of this.#open.values()) opening.isKnown = false;
  }

  apply(event: EngineEvent): void {
    switch (event.type) {
      case 'BreakerOpened': {
        const { breaker, probes } = event.data;
        const former = this.#open.get(breaker);
        // Until it closed, all that began were probes. What begins when it closes may be durable before that it has closed.
        if (former?.isKnown === true)
          assert.ok(former.most <= former.probes, `R-SG-09: ${breaker} let ${former.most} of ${former.probes} pass`);
        this.#open.set(breaker, { probes, running: new Set(), most: 0, isKnown: true });
        return;
      }
      case 'BreakerHalfOpened':
        assert.ok(this.#open.has(event.data.breaker), `R-SG-09: ${event.data.breaker} is half-open and never opened`);
        return;
      case 'BreakerClosed':
        assert.ok(this.#open.delete(event.data.breaker), `R-SG-09: ${event.data.breaker} closes and was not open`);
        return;
      default:
        return;
    }
  }

  #nameOf(task: TaskState): string {
    const type = executorOf(task);
    const isOwn = type === task.definition.executor && task.port === undefined;
    const key = isOwn ? task.demands?.breaker?.key : undefined;
    const hasOne = this.#configured[type] !== undefined || (isOwn && task.demands?.breaker !== undefined);
    return hasOne ? `breaker:${type}${key === undefined ? '' : `:${key}`}` : '';
  }
}
