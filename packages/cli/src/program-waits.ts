/** `coppice waits|answer|signal`: names, arguments, options and help. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { AnswerOptions, SignalOptions, WaitsOptions } from './commands/waits.ts';
import type { LinkOptions } from './commands/waits-link.ts';
import { runCommand } from './context.ts';
import { collect, integer } from './option-value.ts';

export function addWaitsCommands(program: Command): void {
  const waits = program
    .command('waits')
    .description('list what waits for an answer or a signal, in all runs')
    .option('--mine', 'only what you may answer')
    .option('-n, --limit <number>', 'at most so many (default: 100, at most 1000)', integer)
    .addHelpText('after', '\nExamples:\n  $ coppice waits\n  $ coppice waits --mine --json')
    .action((options: WaitsOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/waits.ts')).waits(context, options)),
    );
  waits
    .command('link')
    .description('make a link to a page on which one wait can be answered without a token; needs a server')
    .argument('<id>', 'which task: its id, latest/NAME, or see "coppice tasks"')
    .option('--expires <duration>', 'how long it can be used, at most 90d (default: 7d)')
    .option('--name <text>', 'whom it is for; kept with the answer')
    .addHelpText('after', '\nExamples:\n  $ coppice waits link latest/approve --expires 2d --name Mia')
    .action((id: string, options: LinkOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/waits-link.ts')).link(context, id, options)),
    );
  program
    .command('answer')
    .description('answer an approval, or a wait for a signal; in a terminal it asks for what is missing')
    .argument('[id]', 'which task: its id, latest/NAME, or see "coppice tasks" (default: the only one that waits)')
    .option('--approve', 'approve it')
    .addOption(new Option('--reject', 'reject it').conflicts('approve'))
    .option('--set <key=value>', 'a value of the form, in YAML; repeatable', collect)
    .option('--comment <text>', 'why; kept with the answer')
    .addHelpText('after', ANSWER_HELP)
    .action((id: string | undefined, options: AnswerOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/waits.ts')).answer(context, id, options)),
    );
  program
    .command('signal')
    .description('send a signal to a run')
    .argument('<tree>', 'which tree: its id or the beginning of it, its name, or latest')
    .argument('<name>', 'what tasks wait for with "wait: {signal: NAME}"')
    .option('--payload <yaml>', 'what becomes the output of the task (default: null)')
    .option('--id <text>', 'the same id twice is one signal')
    .addHelpText('after', `\nExamples:\n  $ coppice signal latest delivered --payload '{"parcel":7}'`)
    .action((...given: [tree: string, name: string, options: SignalOptions, command: Command]) => {
      const [tree, name, options, command] = given;
      return runCommand(command, async (context) =>
        (await import('./commands/waits.ts')).signal(context, { tree, name }, options),
      );
    });
}

const ANSWER_HELP = `
Examples:
  $ coppice answer                                        the only one that waits; asks for the rest
  $ coppice answer latest/approve --approve --comment fine
  $ coppice answer latest/approve --reject
  $ coppice answer latest/details --set region=eu --set sizes=[1,2]`;
