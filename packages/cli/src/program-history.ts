/** `coppice history`: names, arguments, options and help. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { runCommand } from './context.ts';
import type { DiffOptions, TimesOptions } from './commands/history.ts';
import { integer } from './option-value.ts';

const HELP = `
Examples:
  $ coppice history times latest                where the time went
  $ coppice history times latest --by limited   what waited longest for its turn
  $ coppice history diff latest 12              what is another since event 12
  $ coppice history diff latest 12 20 --json
  $ coppice tasks graph latest --at 12          all of the moment after event 12`;

const TREE_ID = 'id of a tree, or latest';

export function addHistoryCommands(program: Command): void {
  const history = program
    .command('history')
    .description('look back at a run: where its time went, how two moments differ')
    .addHelpText('after', HELP);
  history
    .command('times')
    .description('say where the time of a run went: for each task, how long it was what')
    .argument('<tree>', TREE_ID)
    .option('--at <seq>', 'up to the moment right after this event (default: until now)', integer)
    .addOption(
      new Option('--by <what>', 'tasks with the most of this come first').choices([
        'dependencies',
        'limited',
        'running',
        'backOff',
        'waiting',
        'paused',
      ]),
    )
    .option('-n, --limit <number>', 'at most so many tasks (default: 20, at most 1000)', integer)
    .action((tree: string, options: TimesOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/history.ts')).times(context, tree, options)),
    );
  history
    .command('diff')
    .description('list the tasks that differ between two moments of a run, each right after an event')
    .argument('<tree>', TREE_ID)
    .argument('<from>', 'number of an event', integer)
    .argument('[to]', 'number of a later event (default: the last)', integer)
    .option('-n, --limit <number>', 'at most so many tasks (default: 100, at most 1000)', integer)
    .action(
      (...given: [tree: string, from: number, to: number | undefined, options: DiffOptions, command: Command]) => {
        const [tree, from, to, options, command] = given;
        return runCommand(command, async (context) =>
          (await import('./commands/history.ts')).diff(context, { tree, from, to }, options),
        );
      },
    );
}
