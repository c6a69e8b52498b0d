/**
 * What evaluation may cost. Steps and produced characters are counted, not time, so that an expression meets its limit at the
 * same place on every machine and every day.
 *
 * The expressions of one decision share a pool (`ExpressionUse`); a little is free for each, so that many small ones are never refused.
 */
import type { ExpressionUse } from '@coppice/core';

/** Limits of the expressions of one decision together. */
export interface ExpressionLimits {
  /** Parts of expressions worked out, items looked at, and each 64 characters looked at. Default 1,000,000. */
  readonly stepsMax: number;
  /** Characters produced; an item of a list or map counts 8. Default 16,777,216. */
  readonly sizeMax: number;
}

export const defaultExpressionLimits: ExpressionLimits = { stepsMax: 1_000_000, sizeMax: 16_777_216 };

/** What each expression may use beside the pool, until those of the decision have used `FREE_WORK_MAX` in all. */
const FREE_STEPS = 250;
const FREE_SIZE = 1_000;
const FREE_WORK_MAX = 4_000_000;

/** Characters that are looked at in the time of one step. */
const CHARS_PER_STEP = 64;
/** What an item of a list or map counts as produced characters. */
const ITEM_SIZE = 8;
/** Characters produced in the time of one step; what is produced is stored, too. */
const SIZE_PER_STEP = 16;
/** Steps that it takes to find a key of a map, and to make a fault that something else makes good. */
const KEY_STEPS = 5;
const FAULT_STEPS = 100;
/** Steps that a character of an expression takes to read; short ones are free. */
const READ_STEPS = 4;
const READ_FREE = 64;

/** An evaluation has used up what its decision may use. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
  readonly code = 'expression/budget';
}

/** Counts one evaluation. */
export class Meter {
  readonly #limits: ExpressionLimits;
  readonly #stepsMax: number;
  readonly #sizeMax: number;
  readonly #freeSteps: number;
  readonly #freeSize: number;
  #steps = 0;
  #size = 0;

  constructor(limits: ExpressionLimits, use: ExpressionUse) {
    this.#limits = limits;
    const isFree = use.work < FREE_WORK_MAX;
    this.#freeSteps = isFree ? FREE_STEPS : 0;
    this.#freeSize = isFree ? FREE_SIZE : 0;
    this.#stepsMax = this.#freeSteps + Math.max(limits.stepsMax - use.steps, 0);
    this.#sizeMax = this.#freeSize + Math.max(limits.sizeMax - use.size, 0);
  }

  steps(count: number): void {
    this.#steps += count;
    if (this.#steps > this.#stepsMax) {
      throw new BudgetError(
        `it takes more than the ${grouped(this.#limits.stepsMax)} steps that the expressions of one decision may take. Look at less data, or work on it in a task of its own`,
      );
    }
  }

  /** An expression has to be read first. Counted also when it was kept, so that what it may do does not depend on others. */
  read({ length }: string): void {
    if (length > READ_FREE) this.steps((length - READ_FREE) * READ_STEPS);
  }

  /** Keys of a map are about to be looked at. */
  keys(count: number): void {
    this.steps(count * KEY_STEPS);
  }

  /** A fault is made good. */
  fault(): void {
    this.steps(FAULT_STEPS);
  }

  /** Characters are about to be looked at, each of them `times` times. */
  scan(chars: number, times = 1): void {
    this.steps((chars * times) / CHARS_PER_STEP);
  }

  /** Characters are about to be produced. */
  produce(chars: number): void {
    this.#size += chars;
    if (this.#size > this.#sizeMax) {
      throw new BudgetError(
        `it produces more than the ${grouped(this.#limits.sizeMax)} characters that the expressions of one decision may produce. Pass large data on in a file`,
      );
    }
  }

  /** Items of a list or map are about to be produced. */
  produceItems(count: number): void {
    this.produce(count * ITEM_SIZE);
  }

  /** Adds to the decision's use what the free share does not cover. */
  charge(use: ExpressionUse): void {
    use.steps += Math.max(this.#steps - this.#freeSteps, 0);
    use.size += Math.max(this.#size - this.#freeSize, 0);
    use.work += Math.min(this.#steps, this.#stepsMax) + Math.min(this.#size, this.#sizeMax) / SIZE_PER_STEP;
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** True for a fault that no other branch of an expression can make good. */
export function isFatal(error: unknown): boolean {
  return error instanceof BudgetError;
}
