/** What `coppice run` can be told beside the file: tasks, a dry run, environment files, reports. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '@coppice/protocol';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

const FILE = `version: 1
name: CI
tasks:
  fetch: { executor: command, inputs: { command: echo, args: [hello] } }
  build:
    dependencies: [fetch]
    children:
      linux: { executor: command, name: On Linux, inputs: { command: echo "$WORD", shell: true, inheritEnv: [WORD] } }
      mac: { executor: command, inputs: { command: "echo a; echo 'x.c:3: <b> & 100%, \\e[31mred' >&2; exit 2", shell: true } }
  test: { executor: delay, dependencies: [build], inputs: { ms: 1 } }
  lint: { executor: delay, inputs: { ms: 1 } }
`;
const ALLOWED = '{"env": ["WORD"]}';

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(folder.remove);
  await writeFile(join(cwd, 'ci.yaml'), FILE);
  await writeFile(join(cwd, 'coppice.config.json'), ALLOWED);
});

const coppice = (...args: readonly string[]): Promise<CliResult> => runCli(args, { cwd });

describe('coppice run FILE task…', () => {
  it('runs the named tasks and what they need, and nothing else', async () => {
    const { code, stdout } = await coppice('run', 'ci.yaml', 'lint', 'On Linux', '--json');
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const names = new Map<string, string>();
    for (const event of events) {
      if (event.type === 'TreeCreated') for (const { id, name } of event.data.definition.tasks) names.set(id, name);
    }
    const started = events.flatMap((event) => (event.type === 'TaskStarted' ? [names.get(event.taskId)] : []));
    expect(new Set(started)).toEqual(new Set(['On Linux', 'fetch', 'lint']));
  });

  it('names the tasks that there are when one is not, and stores nothing', async () => {
    const { code, stderr } = await coppice('run', 'ci.yaml', 'tset');
    expect(code).toBe(2);
    expect(stderr).toContain('There is no task "tset" in ci.yaml. It has fetch, build, linux, mac, test, lint.');
    expect((await coppice('tasks', 'list')).code).toBe(3);
  });
});

describe('coppice run --dry-run', () => {
  it('shows what would run in which order, and stores nothing', async () => {
    const { code, stdout } = await coppice('run', 'ci.yaml', 'test', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toBe(`CI: 4 tasks in 3 stages. Nothing is run.
STAGE  TASK                      EXECUTOR  AFTER
    1  fetch                     command
    2  build › On Linux (linux)  command   fetch
    2  build › mac               command   fetch
    3  test                      delay     build
`);
    expect((await coppice('tasks', 'list')).stderr).toContain('There is no store');
  });

  it('finds what is wrong with the file', async () => {
    await writeFile(join(cwd, 'bad.yaml'), 'version: 1\ntasks: { a: { executor: comand } }');
    const { code, stderr } = await coppice('run', 'bad.yaml', '--dry-run');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("did you mean 'command'") as string });
  });
});

describe('coppice run --env-file', () => {
  it('gives the variables to tasks that ask for them, also where the configuration names none', async () => {
    await writeFile(join(cwd, 'coppice.config.json'), '{}');
    await writeFile(join(cwd, 'one.env'), 'WORD="from one"\nOTHER=1\n');
    await writeFile(join(cwd, 'two.env'), '# comment\nexport WORD=from-two\n');
    const run = (...files: readonly string[]): Promise<CliResult> =>
      coppice('run', 'ci.yaml', 'linux', ...files.flatMap((file) => ['--env-file', file]));
    expect((await run('one.env')).stdout).toMatch(/✓ On Linux .*from one/);
    expect((await run('one.env', 'two.env')).stdout).toMatch(/✓ On Linux .*from-two/);
    expect((await run()).stderr).toContain('WORD');
  });

  it('lets the environment win, and refuses a file that is not there', async () => {
    await writeFile(join(cwd, 'one.env'), 'WORD=file\n');
    const args = ['run', 'ci.yaml', 'linux', '--env-file', 'one.env'];
    expect((await runCli(args, { cwd, env: { WORD: 'shell' } })).stdout).toMatch(/✓ On Linux .*shell/);
    const missing = await coppice('run', 'ci.yaml', '--env-file', 'none.env');
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain('none.env');
  });
});

describe('coppice run --reporter', () => {
  it('junit writes a report of all tasks to standard output, and the lines elsewhere', async () => {
    const { code, stdout, stderr } = await coppice('run', 'ci.yaml', '--reporter', 'junit');
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ failed in/);
    const stable = stdout.replaceAll(/time="[\d.]+"/g, 'time="T"').replaceAll(/ (timestamp|id)="[^"]*"/g, '');
    expect(stable).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="CI" tests="5" failures="1" errors="0" skipped="1" time="T">
        <testsuite name="CI" tests="5" failures="1" errors="0" skipped="1" time="T">
          <testcase name="fetch" classname="CI" time="T">
            <system-out>hello</system-out>
          </testcase>
          <testcase name="On Linux" classname="CI.build" time="T">
            <system-out></system-out>
          </testcase>
          <testcase name="mac" classname="CI.build" time="T">
            <failure message="Exit code 2, expected 0, from \`echo a; echo 'x.c:3: &lt;b&gt; &amp; 100%, re…\`: x.c:3: &lt;b&gt; &amp; 100%, red" type="command/exit">Exit code 2, expected 0, from \`echo a; echo 'x.c:3: &lt;b&gt; &amp; 100%, re…\`: x.c:3: &lt;b&gt; &amp; 100%, red</failure>
            <system-out>a</system-out>
            <system-err>x.c:3: &lt;b&gt; &amp; 100%, red</system-err>
          </testcase>
          <testcase name="test" classname="CI" time="T">
            <skipped message="skipped: The dependencies can no longer be met: build has failed"/>
          </testcase>
          <testcase name="lint" classname="CI" time="T"/>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('junit=FILE writes it there, beside what people see', async () => {
    const { stdout } = await coppice('run', 'ci.yaml', 'lint', '--reporter', 'junit=out/report.xml');
    expect(stdout).toMatch(/✓ completed/);
    expect(await readFile(join(cwd, 'out', 'report.xml'), 'utf8')).toMatch(
      /^<\?xml[^]*tests="1" failures="0"[^]*<\/testsuites>\n$/,
    );
  });

  it('github writes an annotation for each failure, at its task in the file', async () => {
    const { stdout } = await coppice('run', 'ci.yaml', '--reporter', 'github');
    const annotations = stdout.split('\n').filter((line) => line.startsWith('::'));
    expect(annotations).toEqual([
      expect.stringMatching(
        /^::error title=mac failed,file=ci\.yaml,line=9,col=7::Exit code 2.*%0Aa%0Ax\.c:3: <b> & 100%25, red$/,
      ),
    ]);
  });

  it.each([
    [['--reporter', 'html'], 'there is no such reporter'],
    [['--reporter', 'junit', '--json'], 'name a file'],
    [['--reporter', 'github', '--json'], 'Use one of them'],
    [['--reporter', 'junit', '--reporter', 'github'], 'name a file'],
  ])('%o is refused before anything runs', async (args, message) => {
    const { code, stderr } = await coppice('run', 'ci.yaml', ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) as string });
    expect((await coppice('tasks', 'list')).code).toBe(3);
  });
});
