/** When a task that waits is to be looked at again. */
import type { Waiting } from './state.ts';

/** Epoch ms; undefined: time alone changes nothing. */
export function wakeAtMs(waiting: Waiting): number | undefined {
  return waiting.for === 'wait' ? earlier(waiting.untilMs, waiting.remindAtMs) : waiting.untilMs;
}

export function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
