/** What every command gets: where to write, where to work; and the frame around it that turns its end into an exit code. */
import type { Command } from 'commander';
import { createOutput } from './output/output.ts';
import type { Output } from './output/output.ts';
import { reportError } from './output/report-error.ts';
import { resolveTask, resolveTree } from './session/reference.ts';
import { openSession } from './session/session.ts';
import type { Access, Session } from './session/session.ts';
import { loadSettings } from './session/settings.ts';
import type { GlobalOptions, Settings } from './session/settings.ts';

/** A session in which people's names for tasks and trees are known (see `session/reference.ts`). */
export interface CommandSession extends Session {
  /** The id of the task that is meant. */
  readonly task: (reference: string) => Promise<string>;
  /** The id of the tree that is meant, or to which the task that is meant belongs. */
  readonly tree: (reference: string) => Promise<string>;
}

export interface CommandContext {
  readonly output: Output;
  readonly settings: Settings;
  /** Opens the client of this command; it is closed when the command ends. `variables`: of the environment, that a run will find. */
  readonly open: (access: Access, variables?: Iterable<string>) => Promise<CommandSession>;
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
    const note = (text: string): void => output.note(text);
    const open: CommandContext['open'] = async (access, variables = []) => {
      const session = await openSession(settings, { access, variables, note });
      sessions.push(session);
      const isChange = access === 'write' || access === 'run';
      const options = { client: session.client, isChange, note };
      return {
        ...session,
        task: (reference) => resolveTask(reference, options),
        tree: (reference) => resolveTree(reference, options),
      };
    };
    process.exitCode = (await action({ output, settings, open })) ?? 0;
  } catch (error) {
    process.exitCode = reportError(error, output.isJson);
  } finally {
    for (const session of sessions) await session.close();
  }
}
