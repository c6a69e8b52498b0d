/** `coppice archives` and `coppice prune`: names, arguments, options and help. */
import type { Command } from 'commander';
import type { ArchivesOptions, PruneOptions } from './commands/archive.ts';
import { runCommand } from './context.ts';
import { integer } from './option-value.ts';

const WHICH = 'id of an archived run, or the beginning of it';

export function addArchiveCommands(program: Command): void {
  const archives = program
    .command('archives')
    .description('the runs that have left the store, one file each')
    .addHelpText('after', HELP);
  archives
    .command('list', { isDefault: true })
    .description('list the archived runs, newest first')
    .option('-n, --limit <number>', 'entries of a page (default: 100, at most 1000)', integer)
    .option('--cursor <cursor>', 'the next page')
    .action((options: ArchivesOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/archive.ts')).archives(context, options)),
    );
  archives
    .command('verify')
    .description('read the file of an archived run, and compare it with what it must hold')
    .argument('<id>', WHICH)
    .action((id: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/archive.ts')).verify(context, id)),
    );
  archives
    .command('restore')
    .description('put an archived run back into the store, with the ids that it had')
    .argument('<id>', WHICH)
    .action((id: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/archive.ts')).restore(context, id)),
    );
  archives
    .command('delete')
    .description('delete the file of an archived run for good')
    .argument('<id>', WHICH)
    .option('--yes', 'delete it, without a further question')
    .action((id: string, options: { readonly yes?: boolean }, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./commands/archive.ts')).deleteArchive(context, id, options),
      ),
    );
  program
    .command('prune')
    .description('let the runs leave the store that the rules of retention say are old enough')
    .option('--dry-run', 'only list them')
    .option('-n, --limit <number>', 'at most so many (default: all)', integer)
    .action((options: PruneOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/archive.ts')).prune(context, options)),
    );
}

const HELP = `
Examples:
  $ coppice tasks archive --older-than 30d
  $ coppice archives
  $ coppice archives restore 0199c2f0
  $ coppice prune --dry-run`;
