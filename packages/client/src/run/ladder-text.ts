/** What was done about a failure, in words: one text for each step of the ladder that there was. */
import type { FailureLadder } from '@coppice/protocol';

const RETRY = {
  none: 'no retry policy',
  notRetryable: 'this error is not tried again',
  exhausted: 'no attempt is left',
  budget: "the run's budget of retries is used up",
  timeUp: 'its time was over',
  fatal: 'it ended the whole run',
} as const satisfies Readonly<Record<FailureLadder['retry'], string>>;

/** `3 attempts: no attempt is left`, `fallback failed`, …; names are as they were given. */
export function ladderTexts(ladder: FailureLadder): readonly string[] {
  const { attempts, retry, fallback, edges = [], scope, compensation } = ladder;
  const count = attempts === 0 ? 'never started' : attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const texts = [attempts === 1 && retry === 'none' ? count : `${count}: ${RETRY[retry]}`];
  if (fallback !== undefined) texts.push(fallback === 'failed' ? 'its fallback failed' : 'its fallback was not tried');
  if (edges.length > 0) texts.push(`failure edges: ${edges.map(({ name, status }) => `${name} ${status}`).join(', ')}`);
  if (scope !== undefined && scope.cancelled > 0)
    texts.push(
      `${scope.name} fails fast: ${scope.cancelled === 1 ? '1 task was' : `${scope.cancelled} tasks were`} cancelled`,
    );
  if (compensation !== undefined) {
    const { name, result, tasks, failed } = compensation;
    texts.push(
      result === 'complete'
        ? `compensation of ${name} complete: ${tasks === 1 ? '1 task was' : `${tasks} tasks were`} undone`
        : `compensation of ${name} partial: ${failed} of ${tasks} did not complete`,
    );
  }
  return texts;
}
