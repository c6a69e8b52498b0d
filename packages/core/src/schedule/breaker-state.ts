/** The state of a breaker, as it is kept and told. */

/** What is kept of a breaker that is not closed. */
export interface OpenBreaker {
  readonly state: 'open' | 'halfOpen';
  /** Epoch ms at which it opened. */
  readonly sinceMs: number;
  /** Epoch ms from which on probes pass. */
  readonly openUntilMs: number;
  readonly openForMs: number;
  /** Calls that must go well to close it. */
  readonly probes: number;
  /** Calls that were looked at when it opened, and those of them that failed. */
  readonly calls: number;
  readonly failures: number;
}

/** A change of a breaker. `resets` tells whether somebody has reset it since. */
export interface BreakerChange {
  /** Name of the gate. */
  readonly breaker: string;
  readonly atMs: number;
  /** Undefined: it has closed. */
  readonly to: OpenBreaker | undefined;
  readonly resets: number;
}

/** How a breaker is now. */
export interface BreakerReport {
  readonly state: 'closed' | 'open' | 'halfOpen';
  /** Of a closed one those of the window, else those that opened it. */
  readonly calls: number;
  readonly failures: number;
  /** Epoch ms at which it opened; undefined: it is closed. */
  readonly sinceMs: number | undefined;
  /** Epoch ms from which on probes pass; undefined: it is closed. */
  readonly openUntilMs: number | undefined;
  /** Calls that must still go well to close it; 0: it is closed. */
  readonly missing: number;
  /** Number of times that it has opened since the process began to watch it. */
  readonly openings: number;
}
