/** `coppice limits`: names, arguments, options and help. */
import type { Command } from 'commander';
import type { LimitsOptions, SetLimitOptions } from './commands/limits.ts';
import { runCommand } from './context.ts';
import { integer } from './option-value.ts';

const HELP = `
Examples:
  $ coppice limits
  $ coppice limits list executor:
  $ coppice limits set executor:http 4 --reason overload
  $ coppice limits set resource:gpu unlimited
  $ coppice limits set rate:api 30/5m --burst 3
  $ coppice limits set executor:http configured
  $ coppice limits reset breaker:http`;

export function addLimitCommands(program: Command): void {
  const limits = program
    .command('limits')
    .description('show the gates that starts pass, and set what they let pass')
    .addHelpText('after', HELP);
  limits
    .command('list', { isDefault: true })
    .description('list the gates that starts pass: use, capacity, who waits and for how long')
    .argument('[gate]', 'only this gate, or those whose names begin so, such as "lock:"')
    .option('-n, --limit <number>', 'at most so many (default: 100, at most 1000)', integer)
    .action((gate: string | undefined, options: LimitsOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/limits.ts')).limits(context, gate, options)),
    );
  limits
    .command('history')
    .description('list the limits that were ever set while the server ran, and how breakers have changed')
    .action((_options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/limits.ts')).history(context)),
    );
  limits
    .command('reset')
    .description('close a breaker that is not closed: what waits may start, and calls count anew')
    .argument('<breaker>', 'breaker:TYPE or breaker:TYPE:KEY')
    .option('--reason <text>', 'kept in the history')
    .action((gate: string, options: { readonly reason?: string }, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/limits.ts')).reset(context, gate, options)),
    );
  limits
    .command('set')
    .description('set the capacity of a gate while the server runs; what runs goes on')
    .argument('<gate>', 'global, or user:, executor:, tag:, lock:, resource:, rate: or user-starts: and a name')
    .argument('<limit>', 'a number (0: nothing starts), a rate such as 10/s, unlimited, or configured')
    .option('--burst <number>', 'of a rate: how many may start at once after a quiet time', integer)
    .option('--reason <text>', 'kept in the history')
    .action((...given: [gate: string, limit: string, options: SetLimitOptions, command: Command]) => {
      const [gate, limit, options, command] = given;
      return runCommand(command, async (context) =>
        (await import('./commands/limits.ts')).setLimit(context, { gate, limit }, options),
      );
    });
}
