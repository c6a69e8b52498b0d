/** `coppice tasks …`: names, arguments, options and help. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type {
  CancelOptions,
  CopyOptions,
  CreateOptions,
  PauseOptions,
  UpdateOptions,
} from './commands/tasks-change.ts';
import type { CompleteOptions } from './commands/tasks-by-hand.ts';
import type { FailuresOptions } from './commands/tasks-failures.ts';
import type { GraphOptions } from './commands/tasks-graph.ts';
import type { LogsOptions } from './commands/tasks-logs.ts';
import type { EventsOptions, ListOptions, TreeOptions } from './commands/tasks-read.ts';
import type { StatusOptions } from './commands/tasks-status.ts';
import type { ExecuteOptions, RetryOptions } from './commands/tasks-run.ts';
import type { ExportOptions } from './commands/run-files.ts';
import { runCommand } from './context.ts';
import { addBulkOptions, addFilterOptions } from './program-filter.ts';
import type { BulkOptions } from './program-filter.ts';
import { collect, integer, useOutsideOption } from './option-value.ts';

const TASK_ID = 'which task: its id, latest/NAME, or see below';
const TREE_ID = 'which tree: its id or the beginning of it, its name, or latest';

export function addTasksCommands(program: Command): void {
  const tasks = program
    .command('tasks')
    .description('see and change what is stored: here, or on a server')
    .addHelpText('after', TASKS_HELP);
  addReadCommands(tasks);
  addReasonCommands(tasks);
  addChangeCommands(tasks);
  addStopCommands(tasks);
  addRunCommands(tasks);
  addFileCommands(tasks);
}

const TASKS_HELP = `
Tasks and trees are named by:
  0199c2f0-…        the id, or the beginning of a tree's
  latest            the newest tree
  latest/test       a task of it, by its key or name; latest/build/test if there are several
  deploy, deploy/x  a tree by its name, a task of it

Examples:
  $ coppice tasks list --status failed
  $ coppice tasks tree latest
  $ coppice tasks logs latest/test --follow
  $ coppice tasks retry latest --mode failure
  $ coppice tasks cancel --status running --tag nightly --dry-run
  $ coppice tasks delete --older-than 30d --yes
  $ coppice tasks events 0199c2f0 --json | jq .type
  $ coppice --server http://127.0.0.1:7420 tasks watch 0199c2f0-…`;

function addReadCommands(tasks: Command): void {
  addFilterOptions(tasks.command('list').description('list trees, newest first'))
    .option('-a, --all', 'all tasks, not only roots')
    .option('-n, --limit <number>', 'entries of a page (default: 100, at most 1000)', integer)
    .option('--cursor <cursor>', 'the next page')
    .action((options: ListOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-read.ts')).list(context, options)),
    );
  tasks
    .command('get')
    .description('show a task')
    .argument('<id>', TASK_ID)
    .action((id: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-read.ts')).get(context, id)),
    );
  tasks
    .command('tree')
    .description('show the tree that a task belongs to')
    .argument('<id>', TASK_ID)
    .option('--depth <number>', 'levels of children', integer)
    .option('--subtree-only', 'begin at the task instead of its root')
    .action((id: string, options: TreeOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-read.ts')).tree(context, id, options)),
    );
  tasks
    .command('events')
    .description('show the event log of a tree, or what a filter selects of it')
    .argument('<tree>', TREE_ID)
    .option('--after <seq>', 'only events after this one', integer)
    .option('-t, --task <id>', 'only events of this task')
    .option('--search <text>', 'only events with this text in their JSON, whatever the case')
    .option('-n, --limit <number>', 'at most so many (default: 1000)', integer)
    .action((id: string, options: EventsOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-read.ts')).events(context, id, options)),
    );
}

function addReasonCommands(tasks: Command): void {
  tasks
    .command('attempts')
    .description('show the attempts of a task, with their errors and delays')
    .argument('<id>', TASK_ID)
    .action((id: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-read.ts')).attempts(context, id)),
    );
  tasks
    .command('logs')
    .description('show what a task writes, or all tasks of a group or tree; --follow goes on as it comes')
    .argument('<id>', TASK_ID)
    .option('-n, --lines <number>', 'the last so many (default: 20)', integer)
    .addOption(new Option('-a, --all', 'all that was kept').conflicts('lines'))
    .option('--attempt <number>', 'of this attempt (default: the last)', integer)
    .option('-f, --follow', 'go on until the task has ended')
    .option('-t, --timestamps', 'with the time of each line')
    .action((id: string, options: LogsOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-logs.ts')).logs(context, id, options)),
    );
  tasks
    .command('failures')
    .description('list what failed in a run, and what became of it')
    .argument('<tree>', 'id of a tree')
    .option('-n, --limit <number>', 'entries of a page (default: 100, at most 1000)', integer)
    .option('--cursor <cursor>', 'the next page')
    .action((id: string, options: FailuresOptions, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./commands/tasks-failures.ts')).failures(context, id, options),
      ),
    );
  tasks
    .command('status')
    .description('show how far a run is, how long it takes, and what waits for which executor')
    .argument('<tree>', TREE_ID)
    .option('-g, --group <id>', 'count the tasks below this one, too; repeatable', collect)
    .action((id: string, options: StatusOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-status.ts')).status(context, id, options)),
    );
  tasks
    .command('graph')
    .description('show tasks, what became of their dependencies, and gates, now or at an event')
    .argument('<tree>', TREE_ID)
    .option('--at <seq>', 'the moment right after this event (default: now)', integer)
    .action((id: string, options: GraphOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-graph.ts')).graph(context, id, options)),
    );
  tasks
    .command('explain')
    .description('say why a task is not running')
    .argument('<id>', TASK_ID)
    .action((id: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-read.ts')).explain(context, id)),
    );
}

function addChangeCommands(tasks: Command): void {
  tasks
    .command('create')
    .description('store a definition without running it')
    .argument('<file>', 'definition, or - for standard input')
    .option('--keep-ids', 'use the ids of the definition as they are; they must be new to the store')
    .option('--idempotency-key <key>', 'a second create with the same key answers the first tree')
    .addOption(useOutsideOption())
    .action((file: string, options: CreateOptions, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./commands/tasks-change.ts')).create(context, file, options),
      ),
    );
  tasks
    .command('copy')
    .description('copy a part of a tree, or all of it, as a new tree')
    .argument('<id>', TASK_ID)
    .addOption(
      new Option('--mode <mode>', 'the task with its dependents, the whole tree, or the tasks given').choices([
        'minimal',
        'full',
        'custom',
      ]),
    )
    .option('-t, --task <id>', 'a task of a custom copy; repeatable', collect)
    .option('--without-dependents', 'refuse instead of adding missing dependents')
    .option(
      '--user <id>',
      'owner of the copy (default: that of the original); another than oneself needs the role admin',
    )
    .option('--preview', 'only show the definition of the copy')
    .action((id: string, options: CopyOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-change.ts')).copy(context, id, options)),
    );
  tasks
    .command('update')
    .description('change a pending task')
    .argument('<id>', TASK_ID)
    .option('--name <name>', 'new name')
    .option('--priority <number>', '0 urgent, 1 high, 2 normal, 3 low', integer)
    .option('--patch <yaml>', 'fields to change, e.g. "inputs: {url: http://x}"')
    .action((id: string, options: UpdateOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-change.ts')).update(context, id, options)),
    );
  addBulkOptions(
    tasks.command('delete').description('remove a task with its sub-tree, a whole tree, or all trees of a filter'),
  )
    .argument('[id]', TASK_ID)
    .option('--yes', 'with a filter: delete them, without a further question')
    .action((id: string | undefined, options: BulkOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-change.ts')).remove(context, id, options)),
    );
}

function addStopCommands(tasks: Command): void {
  addBulkOptions(tasks.command('cancel').description('cancel tasks with their sub-trees, or all runs of a filter'))
    .argument('[ids...]', TASK_ID)
    .option('--reason <text>', 'kept with the tasks')
    .option('--force', 'do not wait for executors to end')
    .action((ids: readonly string[], options: CancelOptions, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./commands/tasks-change.ts')).cancel(context, ids, options),
      ),
    );
  tasks
    .command('complete')
    .description('complete a task by hand, in the place of its executor: what depends on it goes on')
    .argument('<id>', TASK_ID)
    .option('-o, --output <value>', 'its output, in YAML or JSON (default: null)')
    .option('--port <name>', 'the port that it ends on (default: the primary one)')
    .option('--reason <text>', 'kept in the log')
    .action((id: string, options: CompleteOptions, command: Command) =>
      runCommand(command, async (context) =>
        (await import('./commands/tasks-by-hand.ts')).complete(context, id, options),
      ),
    );
  tasks
    .command('skip')
    .description('skip a task by hand: what needs its success is skipped too')
    .argument('<id>', TASK_ID)
    .option('--reason <text>', 'kept in the log')
    .action((id: string, options: Pick<CompleteOptions, 'reason'>, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-by-hand.ts')).skip(context, id, options)),
    );
  tasks
    .command('pause')
    .description('let nothing of a run, or of a task with its sub-tree, start until it is resumed')
    .argument('<id>', TASK_ID)
    .option('--reason <text>', 'shown to whoever asks why nothing starts')
    .addOption(
      new Option('--force', 'release what runs at once: it runs again after the pause').conflicts('drainTimeout'),
    )
    .option('--drain-timeout <duration>', 'release what still runs after this time, e.g. 30s')
    .action((id: string, options: PauseOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-change.ts')).pause(context, id, options)),
    );
  tasks
    .command('resume')
    .description('end the pause of a run, or of a task with its sub-tree')
    .argument('<id>', TASK_ID)
    .option('--reason <text>', 'kept in the log')
    .action((id: string, options: Pick<PauseOptions, 'reason'>, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-change.ts')).resume(context, id, options)),
    );
}

function addRunCommands(tasks: Command): void {
  tasks
    .command('execute')
    .description('run a stored tree, or tasks of one tree with what they need; a local run is watched')
    .argument('<ids...>', TASK_ID)
    .option('-i, --input <key=value>', 'an input of the run, the value in YAML; repeatable', collect)
    .option('--inputs <file>', 'inputs from a YAML or JSON file')
    .option('--copy', 'copy the task first and run the copy; with one id')
    .option('-w, --watch', 'on a server: watch the run to its end')
    .action((ids: readonly string[], options: ExecuteOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-run.ts')).execute(context, ids, options)),
    );
  addBulkOptions(
    tasks
      .command('retry')
      .description('open a run again that has ended, or all runs of a filter; a local run is watched'),
  )
    .argument('[id]', TASK_ID)
    .addOption(
      new Option('--mode <mode>', 'what to run again: what failed, everything, or this task').choices([
        'failure',
        'start',
        'task',
      ]),
    )
    .option('-i, --input <key=value>', 'a new input of the run; repeatable', collect)
    .option('--inputs <file>', 'new inputs from a YAML or JSON file')
    .option('--without-dependents', 'leave what depends on it as it is')
    .option('-w, --watch', 'on a server: watch the run to its end')
    .action((id: string | undefined, options: RetryOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-run.ts')).retry(context, id, options)),
    );
  tasks
    .command('watch')
    .description('watch a run to its end; Ctrl-C ends the watching, not the run')
    .argument('<tree>', TREE_ID)
    .action((id: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/tasks-run.ts')).watch(context, id)),
    );
}

function addFileCommands(tasks: Command): void {
  addBulkOptions(
    tasks
      .command('archive')
      .description('move a run that has ended, or all of a filter, from the store into the archive'),
  )
    .argument('[tree]', TREE_ID)
    .action((id: string | undefined, options: BulkOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/archive.ts')).archive(context, id, options)),
    );
  tasks
    .command('export')
    .description('save a run as one file, with its events and what its tasks wrote')
    .argument('<tree>', TREE_ID)
    .option('-o, --output <file>', 'where to (default: NAME.coppice-run.gz here); - is standard output')
    .option('--overwrite', 'take the place of a file that is there')
    .action((id: string, options: ExportOptions, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/run-files.ts')).exportTo(context, id, options)),
    );
  tasks
    .command('import')
    .description('bring a run in from the file that it was saved in, with the ids that it had')
    .argument('<file>', 'made by: coppice tasks export')
    .action((file: string, _options: object, command: Command) =>
      runCommand(command, async (context) => (await import('./commands/run-files.ts')).importFrom(context, file)),
    );
}
