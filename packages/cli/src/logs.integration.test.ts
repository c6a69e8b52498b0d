/** `coppice tasks logs`, while a task works and after (R-OB-08). */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunEvent } from '@coppice/protocol';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

interface Document {
  readonly attempt: number | null;
  readonly lines: readonly { readonly text: string }[];
  readonly earlier: boolean;
}

let cwd: string;

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(() => folder.remove());
});

const coppice = (...args: string[]): Promise<CliResult> => runCli(args, { cwd });
const command = (text: string): string =>
  `{ executor: command, inputs: { shell: true, command: ${JSON.stringify(text)} } }`;

async function define(tasks: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(tasks).map(([key, task]) => `  ${key}: ${task}`);
  await writeFile(join(cwd, 'tree.coppice.yaml'), `version: 1\nname: Tree\ntasks:\n${lines.join('\n')}\n`);
}

it('follows a run of another command to its end, and says whose lines they are', async () => {
  await define({ one: command('echo begun; while test ! -e go; do :; done; echo done'), two: command('echo two >&2') });
  const run = startCli(['run', 'tree.coppice.yaml'], { cwd });
  onTestFinished(() => void run.child.kill('SIGKILL'));
  await run.until('started');
  const following = startCli(['tasks', 'logs', 'latest', '--follow', '--all'], { cwd });
  onTestFinished(() => void following.child.kill('SIGKILL'));
  await following.until('one │ begun');
  await following.until('two │ two');
  await writeFile(join(cwd, 'go'), '');
  const { stdout, code } = await following.ended;
  expect(code).toBe(0);
  expect(stdout.trim().split('\n').toSorted()).toEqual(['one │ begun', 'one │ done', 'two │ two']);
  expect((await run.ended).code).toBe(0);
});

it('shows the last lines, all lines, and those of one attempt; colours only where they are wanted', async () => {
  await define({
    one: command(String.raw`for at in 1 2 3 4 5; do printf '\033[31mline %s\033[0m\033[2K\n' $at; done`),
  });
  await coppice('run', 'tree.coppice.yaml');
  const last = await coppice('tasks', 'logs', 'latest/one', '--lines', '2');
  expect(last).toMatchObject({ code: 0, stdout: 'line 4\nline 5\n' });
  expect(last.stderr).toContain('Earlier lines with: --all');
  const coloured = await runCli(['tasks', 'logs', 'latest/one', '--all'], {
    cwd,
    env: { NO_COLOR: '', FORCE_COLOR: '1' },
  });
  expect(coloured.stdout.split('\n')[0]).toBe('\u001B[31mline 1\u001B[0m\u001B[0m');
  const attempt = await coppice('tasks', 'logs', 'latest/one', '--attempt', '2');
  expect(attempt).toMatchObject({ code: 2 });
  const timed = await coppice('tasks', 'logs', 'latest/one', '-n', '1', '--timestamps');
  expect(timed.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z line 5\n$/);
});

it('answers JSON: a document, or a line for each line that comes', async () => {
  await define({ one: command('echo a; echo b >&2') });
  await coppice('run', 'tree.coppice.yaml');
  const document = JSON.parse((await coppice('tasks', 'logs', 'latest/one', '--json')).stdout) as Document;
  const { lines, earlier, attempt } = document;
  expect({ earlier, attempt, texts: lines.map(({ text }) => text).toSorted() }).toEqual({
    earlier: false,
    attempt: 1,
    texts: ['a', 'b'],
  });
  const { stdout } = await coppice('tasks', 'logs', 'latest/one', '--follow', '--json');
  const followed = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { stream: string }).stream);
  expect(followed.toSorted()).toEqual(['stderr', 'stdout']);
});

it('shows what the original printed, of a task that a copy took over', async () => {
  await define({
    one: command('echo from the original'),
    two: `{ executor: command, dependencies: [one], inputs: { command: "false" } }`,
  });
  await coppice('run', 'tree.coppice.yaml');
  await coppice('tasks', 'execute', 'latest/two', '--copy');
  expect((await coppice('tasks', 'logs', 'latest/one')).stdout).toBe('from the original\n');
});

it('loud-build: what tasks of the example print is kept, and a large text goes from task to task (R-QG-06)', async () => {
  const example = resolve(import.meta.dirname, '../../../examples/loud-build');
  const options = ['--data-dir', cwd, '--json'];
  const { code, stdout, stderr } = await runCli(['run', 'loud-build.coppice.yaml', ...options], { cwd: example });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  const outputs = events.flatMap((event) => (event.type === 'TaskCompleted' ? [event.data.output] : []));
  expect(outputs).toContainEqual(expect.objectContaining({ stdout: '3\n' }));
  const textsOf = async (...more: readonly string[]): Promise<readonly string[]> => {
    const logs = await runCli(['tasks', 'logs', ...more, ...options], { cwd: example });
    return (JSON.parse(logs.stdout) as Document).lines.map(({ text }) => text);
  };
  expect(await textsOf('latest/compile', '--all')).toHaveLength(300);
  expect(await textsOf('latest/test', '--attempt', '1')).toEqual([
    'running 2 tests',
    '\u001B[31mfailed\u001B[0m  the clock was late',
  ]);
});
