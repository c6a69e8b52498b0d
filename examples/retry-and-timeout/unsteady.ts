/** A source of figures that fails now and then. */
import { RetryableError } from '@coppice/extension';
import type { ExecutorContext } from '@coppice/extension';

/** Fails so many times before it answers. */
export function readFigures({ failures }: { failures: number }, { attempt }: Pick<ExecutorContext, 'attempt'>) {
  if (attempt > failures) return { figures: [3, 1, 4], attempt };
  throw new RetryableError(`the source is busy (attempt ${attempt})`, { code: 'unsteady/busy' });
}
