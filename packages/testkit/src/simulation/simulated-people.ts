/** People around a simulation who do what the user does not: they pause and hold, end tasks by hand, and answer. */
import type { SeededRandom } from '@coppice/core';
import { planAnswers, type SimulatedClerkOptions } from './simulated-clerk.ts';
import { planResets } from './simulated-breakers.ts';
import { planHands } from './simulated-hands.ts';
import { planLimits } from './simulated-limits.ts';
import { planPauses } from './simulated-pauses.ts';
import type { SimulatedPersonOptions } from './simulated-person.ts';

export interface SimulatedPeopleOptions
  extends Omit<SimulatedPersonOptions, 'random' | 'request'>, Omit<SimulatedClerkOptions, 'random' | 'hurriesAtMs'> {
  /** Numbers of their own for each, so that everything else of a seed stays as it is. */
  readonly chanceOf: (purpose: string) => SeededRandom;
  readonly pauses: boolean;
  readonly hands: boolean;
  readonly answers: boolean;
  readonly resets: boolean;
}

export function planPeople(options: SimulatedPeopleOptions): void {
  const { chanceOf, work, endsMs } = options;
  const person = (purpose: string): SimulatedPersonOptions => ({
    ...options,
    random: chanceOf(purpose),
    request: (line, requested) => work(requested.then(({ ok }) => `${line}: ${ok ? 'ok' : 'refused'}`)),
  });
  if (options.pauses) {
    planPauses(person('pauses'));
    planLimits(person('limits'));
  }
  if (options.hands) planHands(person('hands'));
  if (options.resets) planResets(person('resets'));
  if (options.answers) planAnswers({ ...options, random: chanceOf('answers'), hurriesAtMs: endsMs });
}
