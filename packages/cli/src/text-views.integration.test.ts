/** Every command that can answer with JSON says the same in words: one table over all of them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '@coppice/protocol';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { makeFolder, runCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

/** A tree in which a task completed, one failed, one was skipped, in a group, with hostile names and outputs. */
const MIXED = `
version: 1
name: Mixed
tasks:
  fine: { executor: command, inputs: { command: echo, args: [all is well] } }
  group:
    children:
      broken:
        name: "br\\e[31mok\\aen\\u202e"
        executor: command
        inputs: { command: "printf 'step 1\\\\n\\\\033]0;owned\\\\007step 2\\\\n'; echo '\\e[2Jno disk' >&2; exit 3", shell: true }
      after: { executor: delay, dependencies: [broken], inputs: { ms: 1 } }
`;
const PENDING = `
version: 1
name: Pending
tasks:
  task-1: { executor: delay, inputs: { ms: 1 } }
  task-2: { executor: delay, dependencies: [task-1], inputs: { ms: 1 } }
`;
const BAD = 'version: 1\ntasks:\n  a: { executor: comand }\n';

interface Row {
  /** `{n}`: another number for the text and for the JSON, for commands that can not be called twice. */
  readonly args: readonly string[];
  /** What the text must hold, made of the JSON; a text of several words must stand on one line, in this order. */
  readonly says: (json: never) => readonly (readonly unknown[])[];
  readonly code?: number;
  /** The JSON is one document per line. */
  readonly isLines?: boolean;
  /** Where the text is. Default stdout. */
  readonly on?: 'stderr';
}

type Item = Readonly<Record<string, never>> & {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly children: readonly Item[];
  readonly attempt: number;
  readonly groups: readonly string[];
  readonly input: { readonly properties: object };
  readonly error: { readonly code: string } | null;
  readonly tree: { readonly status: string };
};

interface Progress {
  readonly progress: {
    readonly status: string;
    readonly total: number;
    readonly counts: Readonly<Record<string, number>>;
  };
  readonly queues: readonly { readonly executor: string; readonly open: number }[];
}

interface HoldItem {
  readonly type?: string;
  readonly target: { readonly name: string };
}

const SYMBOLS: Readonly<Record<string, string>> = {
  pending: '·',
  completed: '✓',
  failed: '✗',
  skipped: '↷',
  cancelled: '⊘',
};

/** A gate whose limit was set, on its line. */
function limitLines({
  items,
}: {
  readonly items: readonly { readonly gate: string; readonly used: number; readonly limit: number }[];
}) {
  return items.map(({ gate, used, limit }) => [gate, used, limit]);
}

/** A hold of tasks with a tag, on its line. */
function heldTags({ items }: { items: readonly HoldItem[] }): readonly (readonly unknown[])[] {
  return items.map(({ target }) => [target.name, 'new disks']);
}

/** Each task of a nested answer on its line, with its symbol. */
function treeRows(task: Item): readonly (readonly unknown[])[] {
  return [[SYMBOLS[task.status], shown(task.name), task.id], ...task.children.flatMap(treeRows)];
}

/** A name as a text view shows it. */
function shown(name: string): string {
  return name.includes('ok') ? 'broken' : name;
}

const task = ({ id, name, status, executor, tree, attempt, error }: Item): readonly (readonly unknown[])[] => [
  [SYMBOLS[status], shown(name)],
  ['id', id],
  ['status', status],
  ['run', tree.status],
  ['executor', executor ?? 'none'],
  ...(attempt > 0 ? [['attempts', attempt]] : []),
  ...(error === null ? [] : [['error', error.code]]),
];

const ENDS: Readonly<Record<string, string>> = {
  TaskCompleted: '✓',
  TaskFailed: '✗',
  TaskSkipped: '↷',
  TaskCancelled: '⊘',
  RunCompleted: '✓ completed in',
  RunFailed: '✗ failed in',
  RunStarted: 'started',
  RunReopened: 'opened again',
};

/** What happened to the run and to its tasks that have an executor, each on its line. */
function happenings(events: readonly RunEvent[]): readonly (readonly unknown[])[] {
  const tasks = events.flatMap((event) => (event.type === 'TreeCreated' ? event.data.definition.tasks : []));
  return events.flatMap((event) => {
    const end = ENDS[event.type];
    const definition = 'taskId' in event ? tasks.find(({ id }) => id === event.taskId) : undefined;
    if (end === undefined || ('taskId' in event && definition?.executor === undefined)) return [];
    return [[end, ...(definition === undefined ? [] : [shown(definition.name)])]];
  });
}

const TABLE: Readonly<Record<string, Row>> = {
  'tasks list': {
    args: ['tasks', 'list'],
    says: ({ items }: { items: readonly Item[] }) => items.map(({ id, name, runStatus }) => [id, name, runStatus]),
  },
  'tasks get': { args: ['tasks', 'get', 'latest/broken'], says: task },
  // The run failed, the task did not: the line of the task must say so.
  'tasks get, of a completed task of a failed run': { args: ['tasks', 'get', 'latest/fine'], says: task },
  'tasks get, of a root': { args: ['tasks', 'get', 'latest'], says: task },
  'tasks tree': { args: ['tasks', 'tree', 'latest'], says: treeRows },
  'tasks events': {
    args: ['tasks', 'events', 'latest'],
    isLines: true,
    says: (items: readonly Item[]) =>
      items.map(({ seq, at, type, taskId, actor }) => [
        seq,
        at,
        type,
        taskId ?? '',
        ...(actor === undefined ? [] : ['by local, from the terminal']),
      ]),
  },
  'tasks attempts': {
    args: ['tasks', 'attempts', 'latest/broken'],
    says: ({ items }: { items: readonly Item[] }) => [
      ...items.map(({ attempt, status }) => [attempt, status, 'Exit code 3']),
      ['│ step 1'],
      ['│ step 2'],
      ['│ no disk'],
    ],
  },
  'tasks logs': {
    args: ['tasks', 'logs', 'latest/broken'],
    says: ({ lines }: { lines: readonly { text: string }[] }) =>
      lines.map(({ text }) => [/[a-z ]+\d|no disk/.exec(text)]),
  },
  'tasks failures': {
    args: ['tasks', 'failures', 'latest'],
    says: ({ items }: { items: readonly Item[] }) =>
      items.map(({ taskId, name }) => [taskId, shown(name), 'failed the run', 'Exit code 3']),
  },
  'tasks explain': {
    args: ['tasks', 'explain', 'latest/after'],
    says: ({ status, summary }: Item) => [[SYMBOLS[status], status, String(summary).slice(0, 10)]],
  },
  'tasks graph': {
    args: ['tasks', 'graph', 'latest'],
    says: ({ items }: { items: readonly Item[] }) =>
      items.map(({ name, status }) => [SYMBOLS[status], shown(name), status]),
  },
  'tasks status': {
    args: ['tasks', 'status', 'latest'],
    says: ({ progress, queues }: Progress) => [
      [SYMBOLS[progress.status], `${progress.total} of ${progress.total} tasks`, `${progress.counts['failed']} failed`],
      ...queues.map(({ executor, open }) => [executor, open]),
    ],
  },
  'tasks create': { args: ['tasks', 'create', 'pending.yaml'], says: treeRows },
  'tasks copy': { args: ['tasks', 'copy', 'latest/task-2'], says: treeRows },
  'tasks update': {
    args: ['tasks', 'update', 'latest/task-2', '--priority', '1'],
    says: ({ priority }) => [['priority', ['urgent', 'high', 'normal', 'low'][priority]]],
  },
  'tasks cancel': {
    args: ['tasks', 'cancel', 'latest/task-{n}'],
    code: 0,
    says: ({ items }: { items: readonly Item[] }) => items.map(() => ['⊘', 'ID.']),
  },
  'tasks execute': { args: ['tasks', 'execute', 'latest', '--copy'], isLines: true, says: happenings },
  'tasks retry': { args: ['tasks', 'retry', 'latest', '--mode', 'start'], isLines: true, says: happenings },
  'tasks watch': { args: ['tasks', 'watch', 'latest'], isLines: true, says: happenings },
  'tasks export': { args: ['tasks', 'export', 'latest', '--overwrite'], says: ({ file }) => [['ID', file]] },
  'tasks archive': {
    args: ['tasks', 'archive', 'latest'],
    says: ({ items }: { items: readonly Item[] }) => items.map(() => ['✓ Archived ID']),
  },
  'archives list': {
    args: ['archives', 'list'],
    says: ({ items }: { items: readonly Item[] }) => items.map(({ name, status }) => ['ID', shown(name), status]),
  },
  'tasks delete': { args: ['tasks', 'delete', 'latest'], says: ({ deleted }) => [['Deleted', deleted, 'task']] },
  validate: { args: ['validate', 'pending.yaml'], says: ({ file, taskCount }) => [[file, 'is valid', taskCount]] },
  'validate, of a bad file': {
    args: ['validate', 'bad.yaml'],
    code: 2,
    on: 'stderr',
    says: ({ problems }: { problems: readonly Item[] }) =>
      problems.map(({ line, column, message }) => [`bad.yaml:${line}:${column}`, message]),
  },
  'executors list': {
    args: ['executors', 'list'],
    says: ({ items }: { items: readonly Item[] }) => items.map(({ type, effects }) => [type, effects]),
  },
  'executors show': {
    args: ['executors', 'show', 'command'],
    says: ({ type, description, effects, input }: Item) => [
      [type, description],
      ['effects', effects],
      ...Object.keys(input.properties).map((field) => [field]),
    ],
  },
  'config show': {
    args: ['config', 'show'],
    says: ({ settings }: { settings: readonly { path: string; value: unknown }[] }) =>
      settings.map(({ path, value }) => [path, JSON.stringify(value), 'default']),
  },
  'config check': { args: ['config', 'check'], says: () => [['✓', 'is valid']] },
  run: { args: ['run', 'mixed.yaml'], code: 1, isLines: true, says: happenings },
  'run, only planned': {
    args: ['run', 'mixed.yaml', '--dry-run'],
    says: ({ tasks }: { tasks: readonly Item[] }) =>
      tasks.map(({ stage, groups, key, executor }) => [stage, ...groups, key, executor]),
  },
  resume: { args: ['resume'], isLines: true, says: happenings },
  hold: { args: ['hold', '--tag', 'nightly', '--reason', 'new disks'], says: heldTags },
  holds: { args: ['holds'], says: heldTags },
  'holds, in the past': {
    args: ['holds', '--history'],
    says: ({ items }: { items: readonly HoldItem[] }) =>
      items.map(({ type, target }) => [type === 'HoldSet' ? 'set' : 'released', target.name]),
  },
  'limits set': { args: ['limits', 'set', 'executor:delay', '3', '--reason', 'calm'], says: limitLines },
  'limits reset': { args: ['limits', 'reset', 'breaker:delay'], says: limitLines },
  'limits list': { args: ['limits', 'list'], says: limitLines },
  'limits history': {
    args: ['limits', 'history'],
    says: ({
      items,
    }: {
      items: readonly { readonly gate: string; readonly limit: number; readonly reason: string }[];
    }) => items.map(({ gate, limit, reason }) => [gate, limit, reason]),
  },
  'history times': {
    args: ['history', 'times', 'latest'],
    says: ({ status, items }: { status: string; items: readonly { readonly name: string }[] }) => [
      [SYMBOLS[status], status],
      ['all tasks'],
      ...items.map(({ name }) => [shown(name)]),
    ],
  },
  'history diff': {
    args: ['history', 'diff', 'latest', '2'],
    says: ({ items }: { items: readonly { readonly name: string; readonly after: { readonly status: string } }[] }) =>
      items.map(({ name, after }) => [SYMBOLS[after.status], shown(name), after.status]),
  },
  release: { args: ['release', '--tag', 'nightly'], says: heldTags },
  init: {
    args: ['init', 'new-{n}'],
    says: ({ written }: { written: readonly string[] }) => written.map((path) => ['✓', path]),
  },
};

/** Commands that are shown elsewhere to say the same, or that say nothing: why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'config schema': 'is JSON as it is; see config.integration.test.ts',
  serve: 'does not end; see cli.integration.test.ts',
  doctor: 'see doctor.integration.test.ts',
  'archives verify': 'takes an id; see archive.integration.test.ts',
  'archives restore': 'takes an id; see archive.integration.test.ts',
  'archives delete': 'takes an id; see archive.integration.test.ts',
  'tasks import': 'takes a file; see archive.integration.test.ts',
  prune: 'needs old runs; see archive.integration.test.ts',
  answer: 'needs a run that waits; see examples.integration.test.ts',
  signal: 'needs a run that waits; see examples.integration.test.ts',
  waits: 'needs a run that waits; see examples.integration.test.ts',
  'waits link': 'needs a server; see waits-link.integration.test.ts',
  'tasks complete': 'needs a run that goes on; see by-hand.integration.test.ts',
  'tasks skip': 'needs a run that goes on; see by-hand.integration.test.ts',
  'tasks pause': 'needs a run that goes on; see pause.integration.test.ts',
  'tasks resume': 'needs a run that is paused; see pause.integration.test.ts',
};

let cwd: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ path: cwd, remove } = await makeFolder());
  await writeFile(join(cwd, 'mixed.yaml'), MIXED);
  await writeFile(join(cwd, 'pending.yaml'), PENDING);
  await writeFile(join(cwd, 'bad.yaml'), BAD);
  await runCli(['tasks', 'create', 'pending.yaml'], { cwd });
  await runCli(['run', 'mixed.yaml'], { cwd });
});

afterAll(() => remove());

function call(args: readonly string[], number: number, ...more: readonly string[]): Promise<CliResult> {
  return runCli([...args.map((arg) => arg.replace('{n}', String(number))), ...more], { cwd });
}

/** Ids differ between two calls that make something. */
function masked(text: string): string {
  return text.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID').replaceAll(/new-\d/g, 'new');
}

/** Every control that a terminal could obey but the line feed. */
// eslint-disable-next-line no-control-regex -- That is what it is about.
const CONTROLS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u;

describe('words and JSON', () => {
  it.each(Object.entries(TABLE))('say the same: coppice %s', async (_name, { args, says, code, isLines, on }) => {
    const json = await call(args, 1, '--json');
    const text = await call(args, 2);
    expect({ code: json.code, stderr: on === 'stderr' ? '' : json.stderr }).toEqual({
      code: code ?? json.code,
      stderr: '',
    });
    expect(text.code).toBe(json.code);
    const documents = masked(json.stdout).trim();
    const answer: unknown =
      isLines === true
        ? documents
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as unknown)
        : JSON.parse(documents);
    const lines = masked(on === 'stderr' ? text.stderr : text.stdout).split('\n');
    for (const words of says(answer as never)) {
      const found = lines.some((line) => {
        let at = 0;
        return words.every((word) => {
          at = line.indexOf(String(word), at);
          return at !== -1;
        });
      });
      expect(found, `${JSON.stringify(words)} is on no line of\n${lines.join('\n')}`).toBe(true);
    }
    expect(text.stdout + text.stderr + json.stdout).not.toMatch(CONTROLS);
  });

  it('are compared for every command', () => {
    const compared = [...Object.keys(TABLE), ...Object.keys(ELSEWHERE)].map((name) => name.split(',')[0] ?? '');
    expect([...new Set(compared)].sort()).toEqual([...leaves(createProgram(), '')].sort());
  });
});

function leaves(command: Command, path: string): readonly string[] {
  const inner = command.commands.flatMap((each) => leaves(each, path === '' ? each.name() : `${path} ${each.name()}`));
  // A command that does something itself may have others below it.
  const isAsked = path !== '' && Reflect.get(command, '_actionHandler') !== null;
  return isAsked ? [path, ...inner] : inner;
}
