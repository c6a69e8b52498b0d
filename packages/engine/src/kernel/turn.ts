/**
 * What is decided in one turn of the event loop. Two things may take long in a decision: expressions, and large results, which are
 * copied, written and sent. Many decisions may come at once; so this work is counted, and once a turn has had enough, what else there
 * is to decide waits for the next one. Timers and sockets get their turn in between.
 *
 * 1. Counted, not timed: the same decisions end a turn at the same place on every machine.
 * 2. What waits goes on in the order in which it came, before anything new.
 */
import { noExpressionUse, type Clock, type ExpressionEvaluator } from '@coppice/core';
import { runUnowned } from './code-owner.ts';

/** Work of expressions after which a turn has had enough; half of what one decision may take. About 25 ms. */
const WORK_MAX = 500_000;

/** Steps that it takes to read a character of an expression, or to carry one of a result. */
const STEPS_PER_CHAR = 4;

export class Turn {
  /** Counts what it evaluates. */
  readonly expressions: ExpressionEvaluator;
  readonly #clock: Clock;
  readonly #onNext: () => void;
  #work = 0;
  #waiting: (() => void)[] = [];

  /** `onNext` is called when a turn begins after one that had enough, once what waited is done as far as it may. */
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

  /** True when nothing that may evaluate expressions should be decided before the next turn. */
  get isOver(): boolean {
    return this.#work >= WORK_MAX;
  }

  /** Counts what a value costs on its way to the store and to whoever watches; answers the value. */
  carry<Value>(value: Value): Value {
    this.#add(charactersIn(value) * STEPS_PER_CHAR);
    return value;
  }

  /** True when what is to be decided may be decided now: the turn is not over, and nothing waits before it. */
  get isFree(): boolean {
    return !this.isOver && this.#waiting.length === 0;
  }

  /** Calls it now, or in a later turn when this one is over. */
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

/** Characters of all texts in a value; what else is in it costs as little. */
function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const key in value) count += charactersIn((value as Readonly<Record<string, unknown>>)[key]);
  return count;
}
