/** Divides work among turns of the event loop, so that timers and sockets get their turn in between. */
import type { Clock } from '@coppice/core';

/** Resolves in a later turn. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.defer(resolve));
}

/** Takes one step per turn, and returns the result of the steps. */
export async function inTurns<T>(clock: Clock, steps: Generator<void, T>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await nextTurn(clock);
    step = steps.next();
  }
  return step.value;
}
