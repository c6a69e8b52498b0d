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

/** What somebody asks an engine for, and how it is called. */
export type Plan = readonly [line: string, ask: (engine: Engine) => Promise<{ readonly ok: boolean }>];

/** Asks up to `most` times, at times that the seed says. */
export function askAtTimes(
  { random, engine, setTimer, request, endsMs }: Omit<SimulatedPersonOptions, 'checker'>,
  most: number,
  plan: () => Plan,
): void {
  for (let count = random.integer(most + 1); count > 0; count--) {
    const [line, ask] = plan();
    setTimer(random.integer(endsMs), () => {
      const asked = engine();
      if (asked !== undefined) request(line, ask(asked));
    });
  }
}
