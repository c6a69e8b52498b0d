import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { NestedTask, RunEvent } from '@coppice/protocol';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';
import type { CliProcess, CliResult } from './run-cli.fixture.ts';

let cwd: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: cwd, remove } = await makeFolder());
});

afterEach(() => remove());

function coppice(...args: readonly string[]): Promise<CliResult> {
  return runCli(args, { cwd });
}

function start(...args: readonly string[]): CliProcess {
  const cli = startCli(args, { cwd });
  onTestFinished(async () => {
    cli.child.kill('SIGKILL');
    await cli.ended;
  });
  return cli;
}

async function define(text: string, name = 'tree.coppice.yaml'): Promise<string> {
  await writeFile(join(cwd, name), text);
  return name;
}

function jsonLines<T>(text: string): readonly T[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const QUICK = `
version: 1
name: Quick
tasks:
  a: { executor: delay, inputs: { ms: 1 } }
  b: { executor: command, dependencies: [a], inputs: { command: node, args: [-p, '6 * 7'] } }
`;
const FAILING = `
version: 1
name: Failing
tasks:
  a: { executor: command, inputs: { command: node, args: [-e, 'process.exit(3)'] } }
  b: { executor: delay, dependencies: [a], inputs: { ms: 1 } }
  c: { executor: delay, inputs: { ms: 1 } }
`;
const LONG = `
version: 1
name: Long
tasks:
  quick: { executor: delay, inputs: { ms: 1 } }
  slow: { executor: delay, dependencies: [quick], inputs: { ms: 1m } }
`;

describe('coppice run', () => {
  it('runs a file, line by line where there is no terminal, and stores it (R-EV-04)', async () => {
    const file = await define(QUICK);
    const first = await coppice('run', file);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/● Quick started · 2 tasks/);
    expect(first.stdout).toMatch(/✓ b {2}\S+ {2}42\n/);
    expect(first.stdout).toMatch(/✓ completed in \S+ · 2 tasks/);
    const again = await coppice('run', file);
    expect(again.code).toBe(0);
    const { stdout } = await coppice('tasks', 'list', '--json');
    expect((JSON.parse(stdout) as { items: unknown[] }).items).toHaveLength(2);
  });

  it('puts nothing where a task has nothing to say, in colour too; a failure that is allowed is called so', async () => {
    const file = await define(`
version: 1
tasks:
  said: { executor: command, inputs: { command: echo, args: [hello] } }
  may: { executor: command, allowFailure: true, inputs: { command: node, args: [-e, 'process.exit(3)'] } }
`);
    const { stdout } = await runCli(['run', file], { cwd, env: { NO_COLOR: '', FORCE_COLOR: '1' } });
    expect(stdout).toContain('\u001B[');
    const text = stripVTControlCharacters(stdout);
    expect(text).toMatch(/✓ said {2}\S+ {2}hello\n/);
    expect(text).toMatch(/✗ may {2}\S+ {2}Exit code 3, expected 0, from `node` · allowed\n/);
  });

  it('prints one event per line with --json, without a gap (R-EV-03)', async () => {
    const { code, stdout } = await coppice('run', await define(QUICK), '--json');
    const events = jsonLines<RunEvent>(stdout);
    expect(code).toBe(0);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events.at(-1)?.type).toBe('RunCompleted');
  });

  it('reads standard input and takes inputs and policies from the command line', async () => {
    const text = `
version: 1
inputs: { who: nobody, times: 1 }
tasks: { a: { executor: command, inputs: { command: echo, args: ['\${{ inputs.who }} \${{ string(inputs.times) }}'] } } }
`;
    await define('who: file\nextra: [1]', 'inputs.yaml');
    const args = [
      'run',
      '-',
      '--json',
      '--inputs',
      'inputs.yaml',
      '-i',
      'times=3',
      '--concurrency',
      '1',
      '--fail-fast',
    ];
    const { code, stdout, stderr } = await runCli(args, { cwd, stdin: text });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [created] = jsonLines<RunEvent>(stdout);
    expect(created).toMatchObject({
      data: {
        definition: {
          policies: { concurrency: 1, onFailure: 'failFast' },
          inputs: { who: 'file', times: 3, extra: [1] },
        },
      },
    });
    expect(stdout).toContain('file 3');
  });

  it('exits 1 for a failed run and names the failure', async () => {
    const { code, stdout } = await coppice('run', await define(FAILING));
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ a: Exit code 3/);
    expect(stdout).toMatch(/↷ b/);
    expect(stdout).toMatch(/✓ c/);
    expect(stdout).toMatch(/✗ failed in/);
  });

  it('exits 2 and stores nothing for an invalid definition, each problem at its place (R-TV-04)', async () => {
    const file = await define(
      `version: 1\ntasks:\n  a: { executor: comand }\n  b: { executor: delay, inputs: { ms: 1 }, dependencies: [c] }\n`,
    );
    const { code, stderr, stdout } = await coppice('run', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^tree\.coppice\.yaml:3:18: .*'comand'/m);
    expect(stderr).toMatch(/^tree\.coppice\.yaml:4:59: .*'c'/m);
    expect(stderr).toContain('2 problems in tree.coppice.yaml. Nothing was stored.');
  });

  it('cancels cleanly at Ctrl-C: run cancelled, exit code 130 (R-TO-06)', async () => {
    const cli = start('run', await define(LONG));
    await cli.until('● slow');
    cli.child.kill('SIGINT');
    const { code, stdout, stderr } = await cli.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Cancelling');
    expect(stdout).toMatch(/⊘ slow/);
    expect(stdout).toMatch(/⊘ cancelled in/);
    const { stdout: list } = await coppice('tasks', 'list');
    expect(list).toMatch(/Long\s+⊘ cancelled/);
  });

  it('goes on with "resume" after it was killed (R-CP-10)', async () => {
    const steady = LONG.replace('ms: 1m', 'ms: 700ms');
    const cli = start('run', await define(steady));
    await cli.until('● slow');
    cli.child.kill('SIGKILL');
    await cli.ended;
    // Looking at what the killed process left changes nothing in it.
    const { stdout: list } = await coppice('tasks', 'list');
    const treeId = /^\S+(?=\s+Long\s+● running)/m.exec(list)?.[0] ?? '';
    expect((await coppice('tasks', 'explain', `${treeId}.2`)).code).toBe(0);
    const { code, stdout, stderr } = await coppice('resume');
    expect(stderr).toMatch(/Resuming Long \(\S+\), 1 interrupted attempt/);
    expect(stdout).toMatch(/✓ slow/);
    expect(stdout).toMatch(/✓ completed/);
    expect(stdout).not.toMatch(/quick/);
    expect(code).toBe(0);
    expect((await coppice('resume')).stderr).toContain('Nothing to resume');
  });
});

describe('coppice tasks, on the local store', () => {
  it('creates, updates, executes and retries', async () => {
    const created = await coppice('tasks', 'create', await define(FAILING), '--json');
    const stored = JSON.parse(created.stdout) as NestedTask;
    const [a] = stored.children;
    expect(
      (await coppice('tasks', 'update', `${a?.id}`, '--patch', 'inputs: {command: node, args: [--version]}')).code,
    ).toBe(0);
    const executed = await coppice('tasks', 'execute', stored.id);
    expect(executed.stdout).toMatch(/✓ a .* v\d+/);
    expect(executed.code).toBe(0);
    expect((await coppice('tasks', 'retry', stored.id)).code).toBe(1);
    expect((await coppice('tasks', 'retry', stored.id, '--mode', 'start')).code).toBe(0);
    expect((await coppice('tasks', 'attempts', `${a?.id}`)).stdout).toMatch(/ATTEMPT[^]*1[^]*2/);
  });

  it('shows, copies and deletes', async () => {
    const created = await coppice('tasks', 'create', await define(FAILING), '--json');
    const stored = JSON.parse(created.stdout) as NestedTask;
    const copied = JSON.parse(
      (await coppice('tasks', 'copy', `${stored.id}`, '--json', '--user', 'ann')).stdout,
    ) as NestedTask;
    expect(copied.tree?.userId).toBe('ann');
    expect(copied.originalTaskId).toBe(stored.id);
    // Reading commands do not stand in each other's way.
    const [preview, tree, get, events] = await Promise.all([
      coppice('tasks', 'copy', stored.id, '--preview'),
      coppice('tasks', 'tree', copied.id),
      coppice('tasks', 'get', copied.id),
      coppice('tasks', 'events', stored.id, '--limit', '1'),
    ]);
    expect(preview.stdout).toContain('"executor": "command"');
    expect(tree.stdout).toMatch(/· Failing.*run created[^]*· a/);
    expect(get.stdout).toContain('copy of');
    expect(events.stdout.trim().split('\n')).toHaveLength(1);
    expect((await coppice('tasks', 'delete', copied.id)).stdout).toMatch(/Deleted \d+ tasks/);
    expect((await coppice('tasks', 'cancel', copied.id)).stdout).toContain('task/not-found');
  });

  it('says what to do: no store, unknown task, wrong usage', async () => {
    const nothing = await coppice('tasks', 'list');
    expect(nothing).toMatchObject({ code: 3, stdout: '' });
    expect(nothing.stderr).toContain('Make one with: coppice run FILE');
    await coppice('run', await define(QUICK));
    const unknown = await coppice('tasks', 'get', 'nope');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('There is no task "nope" (task/not-found)');
    const asJson = await coppice('tasks', 'get', 'nope', '--json');
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: -32001, data: { code: 'task/not-found' } } });
    expect((await coppice('taskz')).code).toBe(2);
    expect((await coppice('run', 'nofile')).stderr).toContain('There is no file nofile');
    expect((await coppice('run', 'tree.coppice.yaml', '--concurrency', 'many')).code).toBe(2);
  });
});

describe('coppice serve', () => {
  it('serves over HTTP and WebSocket to commands that find it by the data directory, or are told', async () => {
    const server = start('serve', '--port', '0');
    const url = /http:\/\/\S+/.exec(await server.until('token'))?.[0] ?? '';
    const file = await define(LONG);
    const created = JSON.parse((await coppice('tasks', 'create', file, '--json')).stdout) as NestedTask;
    expect((await coppice('tasks', 'execute', created.id)).stdout).toContain(created.id);
    const watching = start('tasks', 'watch', created.id);
    await watching.until('● slow');
    const token = (await readFile(join(cwd, '.coppice', 'token'), 'utf8')).trim();
    const elsewhere = await makeFolder();
    onTestFinished(elsewhere.remove);
    const far = (extra: Record<string, string>): Promise<CliResult> =>
      runCli(['--server', url, 'tasks', 'cancel', created.id], { cwd: elsewhere.path, env: extra });
    expect((await far({})).stderr).toContain('auth/unauthorized');
    const wrong = await runCli(['tasks', 'cancel', created.id], { cwd, env: { COPPICE_TOKEN: 'wrong' } });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('auth/unauthorized') as string });
    expect((await far({ COPPICE_TOKEN: token })).stdout).toContain('⊘');
    expect((await watching.ended).code).toBe(130);
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect((await coppice('tasks', 'list')).stdout).toMatch(/Long\s+⊘ cancelled/);
  });

  it.each([
    { args: [], isJson: false },
    { args: ['--json'], isJson: true },
  ])('writes either lines for people or JSON, never both: $args', async ({ args, isJson }) => {
    await define('{"extensions": ["./not-there.ts"]}', 'coppice.config.json');
    const server = start('serve', '--port', '0', ...args);
    await server.until(/127\.0\.0\.1:\d+[^]*token/);
    server.child.kill('SIGTERM');
    const { stdout, stderr } = await server.ended;
    const lines = [...stdout.split('\n'), ...stderr.split('\n')].filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.startsWith('{')).toBe(isJson);
    // What has gone wrong is told to people as well; the rest of the log is in its file.
    expect(stderr).toContain('not-there.ts');
    const log = isJson ? stderr : await readFile(join(cwd, '.coppice', 'coppice.log'), 'utf8');
    expect(log).toContain('"server started"');
  });

  it('says at once that a server can not be reached', async () => {
    const { code, stderr } = await coppice('--server', 'http://127.0.0.1:9', 'tasks', 'list');
    expect(code).toBe(3);
    expect(stderr).toContain('Can not reach http://127.0.0.1:9');
  });
});

describe('other commands', () => {
  it('init writes a definition that runs, and overwrites nothing', async () => {
    expect((await coppice('init')).stdout).toContain('hello.coppice.yaml');
    await writeFile(join(cwd, 'coppice.config.json'), '{"dataDir": "elsewhere"}');
    expect((await coppice('init')).stderr).toContain('is there already');
    expect((await coppice('run', 'hello.coppice.yaml')).stdout).toContain('goodbye world');
    expect((await coppice('init', 'some/where')).stdout).toContain(join('some', 'where', 'hello.coppice.yaml'));
    expect(await readFile(join(cwd, 'coppice.config.json'), 'utf8')).toContain('elsewhere');
    expect((await coppice('tasks', 'list', '--data-dir', 'elsewhere')).stdout).toContain('hello');
  });

  it('init tells git what is none of its business, and keeps what is in a .gitignore', async () => {
    await coppice('init');
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('.coppice/\n');
    await writeFile(join(cwd, '.gitignore'), 'dist');
    const { stdout } = await coppice('init', '--json');
    expect(JSON.parse(stdout)).toEqual({
      written: ['.gitignore'],
      kept: ['hello.coppice.yaml', 'coppice.config.json'],
    });
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('dist\n.coppice/\n');
    expect((await coppice('init')).stderr).toContain('.gitignore is there already');
  });

  it('init writes files that editors know, and a configuration whose every comment can be put in', async () => {
    await coppice('init');
    const definition = await readFile(join(cwd, 'hello.coppice.yaml'), 'utf8');
    const config = await readFile(join(cwd, 'coppice.config.json'), 'utf8');
    const schemaOf = async (text: string, line: RegExp): Promise<unknown> =>
      JSON.parse(await readFile(join(cwd, line.exec(text)?.[1] ?? ''), 'utf8'));
    expect(await schemaOf(definition, /^# yaml-language-server: \$schema=(.*)$/m)).toMatchObject({
      title: 'Coppice definition',
    });
    expect(await schemaOf(config, /"\$schema": "(.*)"/)).toMatchObject({
      allowComments: true,
      properties: { dataDir: {} },
    });
    const settings = config.match(/\/\/ "/g) ?? [];
    expect(settings.length).toBeGreaterThan(3);
    await define(config.replaceAll('// "', '"').replace('["./my-executor.ts"]', '[]'), 'coppice.config.json');
    const ran = await runCli(['run', 'hello.coppice.yaml'], { cwd, env: { API_KEY: 'a-long-key' } });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
  });

  it('a configuration that can not be read is refused with its place', async () => {
    await define('{\n  // where\n  "dataDir" ".coppice"\n}', 'coppice.config.json');
    const { code, stderr } = await coppice('tasks', 'list');
    expect(code).toBe(2);
    expect(stderr).toContain('coppice.config.json:3:13: this is no JSON: colon expected.');
  });

  it('validate shows every problem, also as JSON, and says what is good', async () => {
    expect((await coppice('validate', await define(QUICK))).stdout).toContain('is valid: 2 tasks.');
    const file = await define('version: 1\ntasks:\n  a: { executor: comand, timeot: 3 }\n');
    const { code, stdout } = await coppice('validate', file, '--json');
    expect(code).toBe(2);
    const problems = [
      { line: 3, column: 18, message: expect.stringContaining("did you mean 'command'?") as string },
      { line: 3, column: 26, message: expect.stringContaining('unknown field "timeot"') as string },
    ];
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, problems });
  });

  it('is a file that is there before anything is built, so that npm links it, and says how to build', async () => {
    const manifest = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      bin: { coppice: string };
    };
    const launcher = await readFile(join(import.meta.dirname, '..', manifest.bin.coppice), 'utf8');
    await mkdir(join(cwd, 'bin'));
    await writeFile(join(cwd, 'bin', 'coppice.mjs'), launcher);
    const child = spawnSync(process.execPath, [join(cwd, 'bin', 'coppice.mjs'), '--version'], { encoding: 'utf8' });
    expect(child.status).toBe(3);
    expect(child.stderr).toContain('npm run build');
  });

  it('executors, help, version and completion', async () => {
    expect((await coppice('executors', 'list')).stdout).toMatch(/^command\s+external/m);
    expect((await coppice('executors', 'show', 'delay')).stdout).toMatch(
      /FIELD +TYPE +DEFAULT[^]*ms +integer +required[^]*example/,
    );
    expect((await coppice('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const args of [['--help'], ['run', '--help'], ['tasks', '--help'], ['serve', '--help']]) {
      const { code, stdout } = await coppice(...args);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:');
    }
    expect((await coppice('completion', 'bash')).stdout).toContain('coppice');
    expect((await coppice('complete', '--', 'ta')).stdout).toContain('tasks');
    expect((await coppice('complete', '--', 'tasks', 're')).stdout).toContain('retry');
  });

  it.each([
    ['executors', 'show', 'http'],
    ['tasks', '--help'],
  ])('ends quietly when its reader has seen enough: %s %s', async (...args) => {
    const cli = start(...args);
    cli.child.stdout.destroy();
    const [code] = (await once(cli.child, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect((await cli.ended).stderr).not.toContain('EPIPE');
  });
});
