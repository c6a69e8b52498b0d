/**
 * Limits the cost of evaluations. Steps and produced characters are counted, not time, so that an expression meets its limit at the same
 * place on every machine.
 *
 * The expressions of one decision share a budget (`ExpressionUse`). Each has some free steps, so that many small expressions are not refused.
 */
import type { ExpressionUse } from '@coppice/core';

/** Limits of the expressions of one decision together. */
export interface ExpressionLimits {
  /** Most steps. A step is the evaluation of a part, the reading of an item, or the reading of 64 characters. Default 1,000,000. */
  readonly stepsMax: number;
  /** Most characters that may be produced. An item of a list or map counts 8. Default 16,777,216. */
  readonly sizeMax: number;
}

export const defaultExpressionLimits: ExpressionLimits = { stepsMax: 1_000_000, sizeMax: 16_777_216 };

/** Free steps of each expression, until all expressions of the decision together have used `FREE_WORK_MAX`. */
const FREE_STEPS = 250;
const FREE_SIZE = 1_000;
const FREE_WORK_MAX = 4_000_000;

/** Characters that are read in the time of one step. */
const CHARS_PER_STEP = 64;
/** Produced characters that an item of a list or map counts. */
const ITEM_SIZE = 8;
/** Characters that are produced, and stored, in the time of one step. */
const SIZE_PER_STEP = 16;
/** Steps to find a key of a map, and to make a fault that another part of the expression makes good. */
const KEY_STEPS = 5;
const FAULT_STEPS = 100;
/** Steps to parse a character of an expression. Short expressions are free. */
const READ_STEPS = 4;
const READ_FREE = 64;

/** Thrown when an evaluation has used up the budget of its decision. */
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

  /** Counts the parsing of an expression, even when it was parsed before, so that its budget does not depend on other expressions. */
  read({ length }: string): void {
    if (length > READ_FREE) this.steps((length - READ_FREE) * READ_STEPS);
  }

  /** Counts keys of a map before they are read. */
  keys(count: number): void {
    this.steps(count * KEY_STEPS);
  }

  /** Counts a fault that another part of the expression makes good. */
  fault(): void {
    this.steps(FAULT_STEPS);
  }

  /** Counts characters before they are read, each of them `times` times. */
  scan(chars: number, times = 1): void {
    this.steps((chars * times) / CHARS_PER_STEP);
  }

  /** Counts characters before they are produced. */
  produce(chars: number): void {
    this.#size += chars;
    if (this.#size > this.#sizeMax) {
      throw new BudgetError(
        `it produces more than the ${grouped(this.#limits.sizeMax)} characters that the expressions of one decision may produce. Pass large data on in a file`,
      );
    }
  }

  /** Counts items of a list or map before they are produced. */
  produceItems(count: number): void {
    this.produce(count * ITEM_SIZE);
  }

  /** Adds the steps beyond the free ones to the use of the decision. */
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
