/** Watching a run that this process executes: Ctrl-C (or SIGTERM, or a closed terminal) cancels it, a second Ctrl-C ends the process. */
import { ConnectionError } from '@coppice/client';
import type { RunView } from '@coppice/client';
import { UnavailableError } from '../output/report-error.ts';
import { exitCodeOf, ExitCode } from '../output/exit-code.ts';
import type { Output } from '../output/output.ts';
import type { Session } from '../session/session.ts';
import { insists, STOP_SIGNALS } from '../session/stop-signals.ts';
import { watchRun } from '../live/watch-run.ts';
import { COPPICE } from '../output/command-name.ts';

export interface AttendOptions {
  readonly session: Session;
  readonly treeId: string;
  readonly output: Output;
  /** Show only what comes after this event. Default 0. */
  readonly afterSeq?: number;
  /** Called with the run when it has ended. */
  readonly onEnd?: (view: RunView) => Promise<void>;
}

/** Longest wait, ms, for what runs to end after a second Ctrl-C. */
const KILL_GRACE_MS = 200;
const CANCELLING = `Cancelling … Ctrl-C again stops at once; the run then goes on with: ${COPPICE} resume`;
const CANCELLING_THERE = 'Cancelling … Ctrl-C again leaves it alone.';

/** Answers the exit code that tells how the run ended. */
export async function attendRun(options: AttendOptions): Promise<number> {
  const { session, treeId, output } = options;
  const cancelling = session.isLocal ? CANCELLING : CANCELLING_THERE;
  let isCancelled = false;
  const interrupt = (signal: NodeJS.Signals): void => {
    if (isCancelled) {
      if (insists(signal)) void kill(session);
      return;
    }
    isCancelled = true;
    if (!output.isInteractive) output.note(cancelling);
    // A refusal means that the run has ended meanwhile. That is what the person wants.
    session.client.tasks
      .cancel({ taskId: treeId, reason: signal === 'SIGINT' ? 'Ctrl-C' : signal })
      .catch(() => undefined);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, interrupt);
  try {
    const notice = (): string | undefined => (isCancelled ? cancelling : undefined);
    const view = await watchRun({ ...options, client: session.client, notice });
    await options.onEnd?.(view);
    return exitCodeOf(view.status);
  } catch (error) {
    if (!ConnectionError.is(error) || session.usesSharedEngine !== true) throw error;
    throw new UnavailableError(`The ${session.place} that ran it has ended. Go on with: ${COPPICE} resume`);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, interrupt);
  }
}

/** The store stays consistent whatever happens here: unfinished attempts are interrupted ones. */
async function kill(session: Session): Promise<void> {
  const timer = setTimeout(() => process.exit(ExitCode.Cancelled), KILL_GRACE_MS * 5);
  timer.unref();
  await session.close({ graceMs: KILL_GRACE_MS }).catch(() => undefined);
  process.exit(ExitCode.Cancelled);
}
