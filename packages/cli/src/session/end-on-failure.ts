/**
 * Ends this process when its engine can not go on. The process says why, and its exit code tells a supervisor to start it again.
 * What is stored is sound then: the next process goes on from there.
 */
import { guardProcess } from '@coppice/server';
import type { Local } from '@coppice/server';
import { ExitCode } from '../output/exit-code.ts';
import { BrokenError, reportError } from '../output/report-error.ts';
import type { Settings } from './settings.ts';

export interface EngineThatMayFail extends Pick<Local, 'logger' | 'failed'> {
  /** Ends the engine in good order. */
  readonly close: () => Promise<unknown>;
}

/** Longest time in which the engine may close, ms. */
const CLOSE_MS = 5_000;

/** Watches the engine from this call until the process ends. */
export function endOnFailure({ logger, failed, close }: EngineThatMayFail, { isJson }: Settings): void {
  // A diagnostic report of Node.js must not hold the environment, because secrets and tokens are in it.
  process.report.excludeEnv = true;
  const exit = (): void => process.exit(ExitCode.Broken);
  const say = (error: unknown): void => void reportError(new BrokenError(error), isJson);
  guardProcess({ logger, end: (error) => (say(error), exit()) });
  void failed.then((error) => {
    say(error);
    setTimeout(exit, CLOSE_MS).unref();
    return close().then(exit, exit);
  });
}
