/** Work that is divided among turns of the event loop, so that timers and sockets get theirs in between. */
import type { Clock } from '@coppice/core';

/** Resolves in a later turn. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.defer(resolve));
}

/** Takes one step a turn; answers what they lead to. */
export async function inTurns<T>(clock: Clock, steps: Generator<void, T>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await nextTurn(clock);
    step = steps.next();
  }
  return step.value;
}
