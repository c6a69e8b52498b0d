/** Delays of the retry strategy `custom`. */

/** A contributed, pure delay function of the strategy `custom`: ms before the next attempt. */
export type BackoffFunction = (failedAttempt: number, errorCode: string) => number;

/** A named delay function. */
export interface Backoff {
  /** Unique name that retry policies refer to. */
  readonly name: string;
  readonly delayMs: BackoffFunction;
}
