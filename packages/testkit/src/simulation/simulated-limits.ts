/** Somebody who changes limits while the engine runs, at times that the seed says. Nothing is set so low that a run could not end. */
import type { Actor, SetLimit } from '@coppice/core';
import { askAtTimes, type SimulatedPersonOptions } from './simulated-person.ts';

const CHANGES_MAX = 6;
const EVE: Actor = { userId: 'eve', face: 'rpc' };

const COUNTS: readonly SetLimit[] = [1, 2, 3, 'unlimited', 'configured'];
const RATES: readonly SetLimit[] = [{ count: 1 }, { count: 2, perMs: 3, burst: 1 }, 'unlimited', 'configured'];
const GATES: readonly (readonly [gate: string, limits: readonly SetLimit[]])[] = [
  ['global', COUNTS],
  ['executor:steady', COUNTS],
  ['user:ann', COUNTS],
  ['tag:kept', COUNTS],
  ['tag:new', COUNTS],
  ['rate:api-x', RATES],
  ['rate:flaky', RATES],
  ['user-starts:ann', RATES],
  ['lock:one', COUNTS],
  ['lock:two-a', COUNTS],
  ['resource:cpu', [1.5, 2, 'unlimited', 'configured']],
];

export function planLimits(options: Omit<SimulatedPersonOptions, 'checker'>): void {
  const { random } = options;
  askAtTimes(options, CHANGES_MAX, () => {
    const [gate, limits] = GATES[random.integer(GATES.length)] as (typeof GATES)[number];
    const limit = limits[random.integer(limits.length)] as SetLimit;
    return [`set ${gate} to ${JSON.stringify(limit)}`, (engine) => engine.limits.set(gate, limit, { actor: EVE })];
  });
}
