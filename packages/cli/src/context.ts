/** What every command gets: where to write, where to work; and the frame around it that turns its end into an exit code. */
import type { Command } from 'commander';
import { createOutput } from './output/output.ts';
import type { Output } from './output/output.ts';
import { reportError } from './output/report-error.ts';
import { openSession } from './session/session.ts';
import type { Access, Session } from './session/session.ts';
import { loadSettings } from './session/settings.ts';
import type { GlobalOptions, Settings } from './session/settings.ts';

export interface CommandContext {
  readonly output: Output;
  readonly settings: Settings;
  /** Opens the client of this command; it is closed when the command ends. */
  readonly open: (access: Access) => Promise<Session>;
}

/** Runs a command to its end and sets the exit code: what it answers (default 0), or that of its error. */
export async function runCommand(
  command: Command,
  action: (context: CommandContext) => Promise<number | void>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const output = createOutput({ isJson: options.json === true });
  const sessions: Session[] = [];
  try {
    const settings = await loadSettings(options);
    const open = async (access: Access): Promise<Session> => {
      const session = await openSession(settings, access);
      sessions.push(session);
      return session;
    };
    process.exitCode = (await action({ output, settings, open })) ?? 0;
  } catch (error) {
    process.exitCode = reportError(error, output.isJson);
  } finally {
    for (const session of sessions) await session.close();
  }
}
