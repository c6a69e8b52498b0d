/** Shell completion, made by @bomb.sh/tab from the commands themselves; loaded only when a shell asks. */
import { Argument } from 'commander';
import type { Command } from 'commander';

/** For people: prints a script. The script then calls the hidden `complete -- …` on every press of the tab key. */
const SCRIPT_COMMAND = 'completion';
const REQUEST_COMMAND = 'complete';
const SHELLS = ['zsh', 'bash', 'fish', 'powershell'];

/** True when the command line is about completion. */
export function isCompletion(args: readonly string[]): boolean {
  return args[0] === SCRIPT_COMMAND || args[0] === REQUEST_COMMAND;
}

/** Adds the working commands. */
export async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program, { completionCommandName: SCRIPT_COMMAND });
}

/** Adds the command to the help only. */
export function announceCompletion(program: Command): void {
  program
    .command(SCRIPT_COMMAND)
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS));
}
