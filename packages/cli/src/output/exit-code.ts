/** What the exit code of the command says. */
import type { RunStatus } from '@coppice/protocol';

export const ExitCode = {
  /** It did what was asked; a run completed. */
  Ok: 0,
  /** The run failed, or the server refused the request. */
  Failed: 1,
  /** Wrong usage, or an invalid definition. */
  Usage: 2,
  /** The store or the server can not be used. */
  Unavailable: 3,
  /** The process could not go on by a fault of its own; what is stored is sound, and the next start goes on from there. */
  Broken: 70,
  /** The run was cancelled, or the command interrupted. */
  Cancelled: 130,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0    done; the run completed
  1    the run failed, or the request was refused
  2    wrong usage, or an invalid definition
  3    the store or the server can not be used
  70   a fault of Coppice itself: start it again, it goes on from what is stored
  130  the run was cancelled, or the command interrupted`;

/** The exit code of a command that watched a run to its end. */
export function exitCodeOf(status: RunStatus): number {
  if (status === 'completed' || status === 'continued') return ExitCode.Ok;
  return status === 'cancelled' ? ExitCode.Cancelled : ExitCode.Failed;
}
