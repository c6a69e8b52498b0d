/**
 * The process of an engine: when it can not go on, it says so and ends with an exit code of its own, by which a supervisor starts it again.
 * What is stored is sound then; the next process goes on from there.
 */
import { guardProcess } from '@coppice/server';
import type { Local } from '@coppice/server';
import { ExitCode } from '../output/exit-code.ts';
import { BrokenError, reportError } from '../output/report-error.ts';
import type { Settings } from './settings.ts';

export interface OwnEngine extends Pick<Local, 'logger' | 'failed'> {
  /** Ends the engine in good order. */
  readonly close: () => Promise<unknown>;
}

/** Longest time for that, ms. */
const CLOSE_MS = 5_000;

/** Holds from this call until the process ends. */
export function ownProcess({ logger, failed, close }: OwnEngine, { isJson }: Settings): void {
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
