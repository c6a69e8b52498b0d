/** What somebody who acts beside the user of a simulation gets. */
import type { SeededRandom } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import type { InvariantChecker } from './invariant-checker.ts';

export interface SimulatedPersonOptions {
  readonly random: SeededRandom;
  readonly checker: InvariantChecker;
  /** That of the process that is open for requests, if there is one. */
  readonly engine: () => Engine | undefined;
  readonly setTimer: (delayMs: number, callback: () => void) => void;
  /** Waits for a request; what it was is told in a line. */
  readonly request: (line: string, work: Promise<{ readonly ok: boolean }>) => void;
  /** From then on nothing is paused any more, and nobody does anything new. */
  readonly endsMs: number;
}
