/** The commands of `coppice`: names, arguments, options, help. What they do is imported when one is called. */
import { Command, CommanderError, Option } from 'commander';
import colors from 'picocolors';
import { addCompletion, announceCompletion, isCompletion } from './completion.ts';
import { runCommand } from './context.ts';
import { collect, integer, useOutsideOption } from './option-value.ts';
import { EXIT_CODES_HELP, ExitCode } from './output/exit-code.ts';
import { addArchiveCommands } from './program-archive.ts';
import { addHistoryCommands } from './program-history.ts';
import { addHoldCommands } from './program-holds.ts';
import { addLimitCommands } from './program-limits.ts';
import { addTasksCommands } from './program-tasks.ts';
import { addWaitsCommands } from './program-waits.ts';
import type { UseOutsideOption } from './commands/read-used-files.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { RunOptions } from './commands/run.ts';
import type { ServeOptions } from './commands/serve.ts';
import { CLI_VERSION } from './version.ts';

/** Runs the command line and leaves its exit code in `process.exitCode`. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = createProgram();
  if (isCompletion(args)) await addCompletion(program, args);
  else announceCompletion(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no errors; everything else has been written already.
    process.exitCode = error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  }
}

/** All commands; nothing is run yet. */
export function createProgram(): Command {
  const program = new Command('coppice')
    .description('Runs trees of tasks: in parallel, durably, visibly.')
    .version(CLI_VERSION)
    .addOption(new Option('--server <url>', 'work with this server instead of the local store').env('COPPICE_SERVER'))
    .addOption(
      new Option('--data-dir <dir>', 'where the local store lives (default: .coppice)').env('COPPICE_DATA_DIR'),
    )
    .option('--config <file>', 'configuration (default: coppice.config.json, if there is one)')
    .option('--json', 'answer with JSON')
    .option('--no-color', 'no colours (also: the environment variable NO_COLOR)')
    .configureHelp({ styleTitle: colors.bold, showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(colors.red(text)) })
    .showHelpAfterError(colors.dim('(--help shows what is possible)'))
    .exitOverride()
    .addHelpText('after', GENERAL_HELP);
  addRunCommands(program);
  addTasksCommands(program);
  addWaitsCommands(program);
  addHoldCommands(program);
  addLimitCommands(program);
  addArchiveCommands(program);
  addHistoryCommands(program);
  addOtherCommands(program);
  return program;
}

const GENERAL_HELP = `
Examples:
  $ coppice init                               a first definition
  $ coppice run hello.coppice.yaml             run it, live
  $ coppice run - --json < tree.json           from standard input, one event per line
  $ coppice resume                             go on after a crash
  $ coppice serve                              a server for JSON-RPC, HTTP and WebSocket
  $ coppice tasks list                         what ran; of a server if one runs here
  $ coppice waits                              what waits for an answer

Environment:
  COPPICE_SERVER, COPPICE_DATA_DIR   as --server and --data-dir
  COPPICE_TOKEN                      token of the server; default: the one in the data directory
  NO_COLOR                           no colours
${EXIT_CODES_HELP}`;

function addRunCommands(program: Command): void {
  program
    .command('run')
    .description('run a definition here and now, durably, and watch it')
    .argument('<file>', 'definition (*.coppice.yaml, *.json), or - for standard input')
    .argument('[tasks...]', 'run only these, by id or name, and what they need (default: all)')
    .option('-i, --input <key=value>', 'an input of the run, the value in YAML; repeatable', collect)
    .option('--inputs <file>', 'inputs from a YAML or JSON file')
    .option('-c, --concurrency <number>', 'tasks that may execute at once; 0: any number', integer)
    .addOption(new Option('--fail-fast', 'cancel the rest when a task fails').conflicts('keepGoing'))
    .option('--keep-going', 'finish what does not depend on a failed task (the default)')
    .option('-n, --dry-run', 'show what would run and in which order; run and store nothing')
    .addOption(envFileOption())
    .addOption(useOutsideOption())
    .option('--reporter <name>', 'when it has ended: junit, junit=FILE or github; repeatable', collect)
    .addHelpText('after', RUN_HELP)
    .action((...given: [file: string, names: readonly string[], options: RunOptions, command: Command]) => {
      const [file, names, options, command] = given;
      return runCommand(command, async (context) =>
        (await import('./commands/run.ts')).run(context, { file, names }, options),
      );
    });
  program
    .command('resume')
    .description('continue every incomplete run of the local store')
    .addOption(envFileOption())
    .addHelpText('after', '\nExamples:\n  $ coppice resume')
    .action((_options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/resume.ts')).resume(context)),
    );
  program
    .command('serve')
    .description('serve JSON-RPC over HTTP, WebSocket and server-sent events')
    .option('-p, --port <number>', 'port (default: 7420); 0: any free one', integer)
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option('--no-auth', 'accept requests without a token; only on a loopback address')
    .addOption(envFileOption())
    .option('--stdio', 'serve one client over standard input and output instead')
    .addHelpText(
      'after',
      '\nExamples:\n  $ coppice serve\n  $ coppice serve --port 0 --no-auth\n  $ coppice serve --stdio',
    )
    .action((options: ServeOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/serve.ts')).serve(context, options)),
    );
}

function envFileOption(): Option {
  return new Option(
    '--env-file <file>',
    'environment variables from a file, for tasks that ask for them; repeatable',
  ).argParser(collect);
}

const RUN_HELP = `
The run is stored in the data directory: after a crash it goes on with "coppice resume".
Ctrl-C cancels it, a second Ctrl-C stops at once.

Examples:
  $ coppice run build.coppice.yaml
  $ coppice run build.coppice.yaml --input branch=main --concurrency 4
  $ coppice run build.coppice.yaml --fail-fast --json
  $ coppice run build.coppice.yaml test lint   only these two and what they need
  $ coppice run build.coppice.yaml --dry-run   what would run
  $ coppice run ci.coppice.yaml --reporter github --reporter junit=report.xml
${EXIT_CODES_HELP}`;

function addOtherCommands(program: Command): void {
  program
    .command('validate')
    .description('show everything that is wrong with a definition')
    .argument('<file>', 'definition, or - for standard input')
    .addOption(useOutsideOption())
    .addHelpText('after', '\nExamples:\n  $ coppice validate build.coppice.yaml')
    .action((file: string, options: UseOutsideOption, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/validate.ts')).validate(context, file, options)),
    );
  program
    .command('doctor')
    .description('look for all that can be wrong with the local store; change nothing without --repair')
    .option('--repair', 'mend what is safe to mend: rows, snapshots, lost ends of logs, permissions')
    .addHelpText('after', '\nExamples:\n  $ coppice doctor\n  $ coppice doctor --repair\n  $ coppice doctor --json')
    .action((options: DoctorOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/doctor.ts')).doctor(context, options)),
    );
  const executors = program.command('executors').description('what tasks can do');
  executors
    .command('list')
    .description('list the executors')
    .action((_options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/executors.ts')).list(context)),
    );
  executors
    .command('show')
    .description('show an executor with its inputs and output')
    .argument('<type>', 'for example command')
    .action((type: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/executors.ts')).show(context, type)),
    );
  const config = program.command('config').description('the configuration of this folder');
  config
    .command('show')
    .description('show every setting that holds, and where it comes from; never the value of a secret')
    .addHelpText('after', '\nExamples:\n  $ coppice config show\n  $ coppice config show --json')
    .action((_options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/config.ts')).show(context)),
    );
  config
    .command('check')
    .description('show everything that is wrong with it, without starting anything')
    .addHelpText('after', '\nExamples:\n  $ coppice config check\n  $ coppice config check --config server.json')
    .action((_options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/config.ts')).check(context)),
    );
  config
    .command('schema')
    .description('write its JSON Schema, for editors')
    .addHelpText('after', '\nExamples:\n  $ coppice config schema > coppice.config.schema.json')
    .action((_options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/config.ts')).schema(context)),
    );
  program
    .command('init')
    .description('write a first definition and a configuration; overwrites nothing')
    .argument('[dir]', 'where', '.')
    .action((directory: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/init.ts')).init(context, directory)),
    );
}
