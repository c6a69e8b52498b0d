/** `coppice hold|release|holds`: names, options and help. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { HoldOptions } from './commands/holds.ts';
import { runCommand } from './context.ts';

const HOLD_HELP = `
Examples:
  $ coppice hold --reason maintenance
  $ coppice hold --executor http
  $ coppice release --executor http`;

export function addHoldCommands(program: Command): void {
  withTarget(program.command('hold'))
    .description('let no attempt start, in all runs or of one kind of task, until it is released')
    .option('--reason <text>', 'shown to whoever asks why nothing starts')
    .addHelpText('after', HOLD_HELP)
    .action((options: HoldOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/holds.ts')).hold(context, options)),
    );
  withTarget(program.command('release'))
    .description('end a hold')
    .option('--reason <text>', 'kept in the history')
    .action((options: HoldOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/holds.ts')).release(context, options)),
    );
  program
    .command('holds')
    .description('list what is held: since when, by whom and why')
    .option('--history', 'all that were ever set and released')
    .action((options: { readonly history?: boolean }, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/holds.ts')).holds(context, options)),
    );
}

function withTarget(command: Command): Command {
  return command
    .addOption(new Option('--executor <type>', 'only tasks of this executor type').conflicts('tag'))
    .option('--tag <tag>', 'only tasks with this tag, and all tasks below them');
}
