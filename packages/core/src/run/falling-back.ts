/**
 * Tasks at their fallback. The port says so, on which such a task will end: before its end no other task has one. It is set when the task
 * becomes ready for its fallback, after the places of its last attempt were given back, because the executor is another one then.
 */
import { isTerminal } from '../task/status.ts';
import type { TaskState, Waiting } from './state.ts';

/** Port on which a task ends whose fallback did its work. */
export const FALLBACK_PORT = 'fallback';

/** Code of the error of a task that a breaker has turned away. */
export const BREAKER_OPEN = 'breaker/open';

/** True for a task whose own work has failed and whose fallback is to do it. */
export function isFallingBack({ port, group, status, definition }: TaskState): boolean {
  return port === FALLBACK_PORT && group === undefined && definition.fallback !== undefined && !isTerminal(status);
}

export function beginsFallback(waiting: Waiting): boolean {
  return waiting.for === 'retry' && waiting.isFallback === true;
}

/** True for a task whose next attempt is one of its own executor, or whose last one was. */
export function isOwnWork({ port, definition }: TaskState): boolean {
  return port !== FALLBACK_PORT || definition.fallback === undefined;
}

/** Type of the executor of the task's next attempt, or of its last one when it has ended. */
export function executorOf({ port, definition: { executor, fallback } }: TaskState): string {
  return (port === FALLBACK_PORT ? (fallback?.executor ?? executor) : executor) as string;
}
