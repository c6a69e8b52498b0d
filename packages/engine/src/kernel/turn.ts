/**
 * Limits the work that is decided in one turn of the event loop. Two things may take long in a decision: expressions, and large results,
 * which are copied, written and sent. This work is counted. When a turn has had enough, other decisions wait for the next turn, and timers
 * and sockets get their turn in between.
 *
 * 1. Work is counted, not timed, so the same decisions end a turn at the same place on every machine.
 * 2. Decisions that wait go on in the order in which they came, before newer ones.
 */
import { noExpressionUse, type Clock, type ExpressionEvaluator } from '@coppice/core';
import { runUnowned } from './code-owner.ts';

/** Work of expressions after which a turn is over: half of the work that one decision may take, about 25 ms. */
const WORK_MAX = 500_000;

/** Steps that one character of an expression or of a result costs. */
const STEPS_PER_CHAR = 4;

export class Turn {
  /** Evaluates expressions and counts their work. */
  readonly expressions: ExpressionEvaluator;
  readonly #clock: Clock;
  readonly #onNext: () => void;
  #work = 0;
  #waiting: (() => void)[] = [];

  /** `onNext` is called in the turn after one that was over, when the decisions that waited have been made. */
  constructor(clock: Clock, expressions: ExpressionEvaluator, onNext: () => void) {
    this.#clock = clock;
    this.#onNext = onNext;
    this.expressions = {
      check: (expression, types) => {
        this.#add(expression.length * STEPS_PER_CHAR);
        return expressions.check(expression, types);
      },
      reads: (expression) => expressions.reads(expression),
      evaluate: (expression, scope, use = noExpressionUse()) => {
        const before = use.work;
        try {
          return expressions.evaluate(expression, scope, use);
        } finally {
          this.#add(use.work - before);
        }
      },
    };
  }

  /** True when decisions that may evaluate expressions should wait for the next turn. */
  get isOver(): boolean {
    return this.#work >= WORK_MAX;
  }

  /** Counts the cost of storing and sending a value, and returns the value. */
  carry<Value>(value: Value): Value {
    this.#add(charactersIn(value) * STEPS_PER_CHAR);
    return value;
  }

  /** True when a decision can be made now: the turn is not over, and no other decision waits. */
  get isFree(): boolean {
    return !this.isOver && this.#waiting.length === 0;
  }

  /** Calls `what` now, or in a later turn when this one is over. */
  decide(what: () => void): void {
    if (this.isFree) what();
    else this.#waiting.push(what);
  }

  /** Resolves in a turn that is not over. */
  async free(): Promise<void> {
    while (this.isOver) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #add(work: number): void {
    const wasOver = this.isOver;
    this.#work += work;
    if (!wasOver && this.isOver) runUnowned(() => this.#clock.defer(this.#next));
  }

  readonly #next = (): void => {
    this.#work = 0;
    const waiting = this.#waiting;
    let at = 0;
    while (at < waiting.length && !this.isOver) (waiting[at++] as () => void)();
    this.#waiting = waiting.slice(at);
    this.#onNext();
  };
}

/** Number of characters of all texts in a value. Any other value counts as one character. */
function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const key in value) count += charactersIn((value as Readonly<Record<string, unknown>>)[key]);
  return count;
}
