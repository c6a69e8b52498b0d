/** Breakers of simulated executors and tasks, and somebody who resets them. */
import type { Actor, BreakerPolicy, SeededRandom, TaskSubmission } from '@coppice/core';
import { askAtTimes, type SimulatedPersonOptions } from './simulated-person.ts';
import type { Weather } from './simulated-tree.ts';

/** Breakers of the configuration, by chance. */
export function breakersOf(random: SeededRandom): Readonly<Record<string, BreakerPolicy>> {
  const breakers: Record<string, BreakerPolicy> = {};
  for (const type of ['flaky', 'doomed', 'steady']) if (random.next() < 0.4) breakers[type] = rulesOf(random);
  return breakers;
}

/** Opens after few calls, for less time than a storm lasts. */
function rulesOf(random: SeededRandom): BreakerPolicy {
  const openForMs = 5 + random.integer(40);
  const probes = random.next() < 0.7 ? 1 : 2;
  if (random.next() < 0.7) return { consecutiveFailures: 1 + random.integer(2), openForMs, probes };
  const window = random.next() < 0.5 ? { windowMs: 20 + random.integer(100) } : { window: 6 };
  return { failureRate: 0.5, minimumCalls: 1 + random.integer(3), ...window, openForMs, probes };
}

/** Gives some tasks with an executor a breaker. In calm weather all of them wait: what else they do depends on time. */
export function withBreakers(
  tasks: readonly TaskSubmission[],
  weather: Weather,
  random: SeededRandom,
): readonly TaskSubmission[] {
  if (random.next() < 0.3) return tasks;
  // Tasks of one type share their breaker, and should say the same of it.
  const rules = rulesOf(random);
  return tasks.map((task) => {
    if (task.executor === undefined || random.next() < 0.2) return task;
    const breaker = { ...rules, ...keyOf(random) };
    const whenOpen = weather === 'calm' ? 'wait' : WHEN_OPEN[random.integer(WHEN_OPEN.length)];
    const policies = { ...task.policies, breaker: { ...breaker, ...(whenOpen === 'wait' ? {} : { whenOpen }) } };
    return { ...task, policies, ...(whenOpen === 'fallback' ? { fallback: task.fallback ?? INSTEAD } : {}) };
  });
}

const WHEN_OPEN = ['wait', 'wait', 'fallback', 'fallback', 'fail'] as const;
const INSTEAD: NonNullable<TaskSubmission['fallback']> = { output: { because: '${{ error.code }}' } };

function keyOf(random: SeededRandom): Pick<BreakerPolicy, 'key'> {
  const key = ['one', 'of-${{ run.userId }}'][random.integer(8)];
  return key === undefined ? {} : { key };
}

const RESETS_MAX = 3;
const RESET = ['breaker:flaky', 'breaker:doomed', 'breaker:doomed:one'];
const EVE: Actor = { userId: 'eve', face: 'rpc' };

/** Closes breakers at times that the seed says. */
export function planResets(options: Omit<SimulatedPersonOptions, 'checker'>): void {
  askAtTimes(options, RESETS_MAX, () => {
    const breaker = RESET[options.random.integer(RESET.length)] as string;
    return [`reset ${breaker}`, ({ limits }) => limits.reset(breaker, { actor: EVE })];
  });
}
