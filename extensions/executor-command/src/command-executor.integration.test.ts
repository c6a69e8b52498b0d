import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { testExecutor, type ExecutorTest } from '@coppice/testkit';
import type { JsonObject, TaskError } from '@coppice/extension';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandExecutor } from './command-executor.ts';
import type { OutputLine } from './output-tail.ts';

const executor = createCommandExecutor();
const node = process.execPath;
let dir: string;

beforeAll(async () => {
  dir = await realpath(await mkdtemp(path.join(os.tmpdir(), 'coppice-command-')));
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

const run = (inputs: JsonObject): ExecutorTest => testExecutor(executor, { inputs });
const script = (code: string, more: JsonObject = {}): ExecutorTest =>
  run({ command: node, args: ['-e', code], ...more });

describe('command: running', () => {
  it('answers what the program printed', async () => {
    const { status, output } = await script(`console.log('out'); console.error('err')`);
    expect(status).toBe('completed');
    expect(output).toEqual({ exitCode: 0, stdout: 'out\n', stderr: 'err\n', truncated: false });
  });

  it('passes arguments as they are: no shell reads them', async () => {
    const { output } = await run({ command: 'printf', args: ['%s', '$HOME; echo `id` && "quoted"'] });
    expect(output).toMatchObject({ stdout: '$HOME; echo `id` && "quoted"' });
  });

  it('hands a command line to the shell only when asked to', async () => {
    const { output } = await run({ command: 'echo one | tr a-z A-Z', shell: true });
    expect(output).toMatchObject({ stdout: 'ONE\n' });
  });

  it('runs in the working directory', async () => {
    const { output } = await script('process.stdout.write(process.cwd())', { cwd: dir });
    expect(output).toMatchObject({ stdout: dir });
  });

  it.each([
    ['text', 'plain'],
    [{ a: [1] }, '{"a":[1]}'],
  ])('writes %o to standard input', async (stdin, expected) => {
    const { output } = await run({ command: 'cat', stdin });
    expect(output).toMatchObject({ stdout: typeof stdin === 'string' ? stdin : expected });
  });

  it('survives a program that does not read its input', async () => {
    const { status } = await run({ command: 'true', stdin: 'x'.repeat(5_000_000) });
    expect(status).toBe('completed');
  });

  it('streams what is printed and tells the last line as progress (R-OB-08)', async () => {
    const { printed, progress } = await script(`process.stdout.write('one\\ntwo\\nunfinished')`);
    expect(printed.map(({ stream, text }) => `${stream}: ${text}`).join('')).toBe('stdout: one\ntwo\nunfinished');
    expect(progress.at(-1)).toEqual({ fraction: 0, message: 'two' });
  });
});

describe('command: environment', () => {
  const printEnv = 'process.stdout.write(JSON.stringify(process.env))';

  it('passes on an allow-list only, and what is set', async () => {
    process.env['COPPICE_TEST_SECRET'] = 'hidden';
    const { output } = await script(printEnv, { parse: 'json', env: { GREETING: 'hello' } });
    const env = (output as { value: JsonObject }).value;
    expect(env).toMatchObject({ PATH: process.env['PATH'], GREETING: 'hello', COPPICE_IDEMPOTENCY_KEY: 'tree/task/1' });
    expect(env).not.toHaveProperty('COPPICE_TEST_SECRET');
  });

  it('passes on further variables by name, where the configuration allows them', async () => {
    const ask = (inheritEnv: string[]): ExecutorTest =>
      testExecutor(executor, {
        inputs: { command: node, args: ['-e', printEnv], parse: 'json', inheritEnv },
        env: { SHARED: 'shared', ABSENT: undefined },
      });
    process.env['COPPICE_TEST_SECRET'] = 'hidden';
    const { output } = await ask(['SHARED', 'ABSENT', 'PATH']);
    const env = (output as { value: JsonObject }).value;
    expect(env).toMatchObject({ SHARED: 'shared' });
    expect(env).not.toHaveProperty('ABSENT');
    for (const name of ['COPPICE_TEST_SECRET', 'constructor', '__proto__']) {
      const { status, error } = await ask([name]);
      expect([status, error?.code], name).toEqual(['failed', 'command/env-not-allowed']);
    }
  });
});

describe('command: output', () => {
  it('parses JSON', async () => {
    const { output } = await run({ command: 'echo', args: ['{"total": 3}'], parse: 'json' });
    expect(output).toEqual({ exitCode: 0, value: { total: 3 }, stderr: '', truncated: false });
  });

  it('rounds no integer: what a number can not keep becomes text', async () => {
    const { output } = await run({ command: 'echo', args: ['{"id": 9007199254740993, "n": 3}'], parse: 'json' });
    expect(output).toMatchObject({ value: { id: '9007199254740993', n: 3 } });
  });

  it('splits lines and keeps empty ones between', async () => {
    const { output } = await run({ command: 'printf', args: ['a\\n\\nb\\r\\n'], parse: 'lines' });
    expect(output).toMatchObject({ value: ['a', '', 'b'] });
  });

  it.each([
    ['tail', '9876'],
    ['head', '0123'],
  ])('keeps the %s of a long output and says so', async (keep, expected) => {
    const code = `process.stdout.write('0123' + 'x'.repeat(3_000_000) + '9876')`;
    const { output } = await script(code, { maxOutputBytes: 4, keep });
    expect(output).toMatchObject({ stdout: expected, truncated: true });
  });

  it('never answers half a character', async () => {
    const { output } = await script(`process.stdout.write('äöü')`, { maxOutputBytes: 3 });
    expect(output).toMatchObject({ stdout: 'ü', truncated: true });
  });

  it('fails for good when the output to parse was cut', async () => {
    const { error } = await run({ command: 'echo', args: ['[1, 2, 3]'], parse: 'json', maxOutputBytes: 4 });
    expect(error).toMatchObject({ code: 'command/output-too-large', retryable: false });
  });

  it('fails when the output is no JSON', async () => {
    const { error } = await run({ command: 'echo', args: ['oops'], parse: 'json' });
    expect(error).toMatchObject({ code: 'command/invalid-json', data: { stdout: 'oops\n' } });
  });
});

describe('command: failures', () => {
  it('keeps output and exit code of a failed program, and may be tried again', async () => {
    const { status, error } = await script(
      `console.log('partial'); console.error('broken pipe dream'); process.exitCode = 3`,
    );
    expect(status).toBe('failed');
    expect(error).toMatchObject({
      code: 'command/exit',
      retryable: true,
      message: expect.stringMatching(/^Exit code 3, expected 0, from `.*`: broken pipe dream$/),
      data: { exitCode: 3, stdout: 'partial\n', stderr: 'broken pipe dream\n', truncated: false },
    });
  });

  it('bounds the last lines in number and length, and says what is missing of a line', async () => {
    const { error } = await script(
      `for (let i = 0; i < 1000; i++) console.log('line ' + i); console.log('x'.repeat(100_000)); process.exitCode = 1`,
    );
    const { tail } = (error as TaskError).data as unknown as { readonly tail: readonly OutputLine[] };
    expect(tail).toHaveLength(100);
    expect(tail[0]).toEqual({ stream: 'stdout', line: 'line 901' });
    expect(tail.at(-1)?.line).toMatch(/^x{1000}… \(\d+ more characters\)$/);
  });

  it('names a long command line shortly', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => `echo step ${index} of a long script`).join('\n');
    const { error } = await run({ command: `${lines}\nexit 4`, shell: true });
    expect(error?.message).toBe('Exit code 4, expected 0, from `echo step 0 of a long script…`');
    const { error: absent } = await run({ command: lines });
    expect(absent?.message.length).toBeLessThan(200);
    expect(absent?.cause?.message.length).toBeLessThan(200);
  });

  it('takes other exit codes as success when told so', async () => {
    const { output } = await run({ command: 'false', successExitCodes: [0, 1] });
    expect(output).toMatchObject({ exitCode: 1 });
  });

  it('tells the signal that ended a program', async () => {
    const { error } = await script(`process.kill(process.pid, 'SIGKILL')`);
    expect(error).toMatchObject({
      code: 'command/signal',
      retryable: true,
      data: { signal: 'SIGKILL', exitCode: null },
    });
  });

  it.each([
    [{ command: 'no-such-program-here' }, 'command/not-found', 'install it'],
    [{ command: 'git log' }, 'command/not-found', 'put the arguments into "args"'],
    [{ command: 'true', cwd: '/no/such/directory' }, 'command/bad-cwd', 'The working directory "/no/such/directory"'],
  ])('%o fails for good and says what to do', async (inputs, code, message) => {
    const { error } = await run(inputs);
    expect(error).toMatchObject({ code, retryable: false, message: expect.stringContaining(message) });
  });

  it('refuses a name that no program can have', async () => {
    const { error } = await run({ command: 'true\0' });
    expect(error).toMatchObject({ code: 'command/not-started', retryable: false });
  });

  it('refuses a file that may not be executed', async () => {
    const file = path.join(dir, 'plain.sh');
    await writeFile(file, '#!/bin/sh\n', { mode: 0o644 });
    const { error } = await run({ command: file });
    expect(error).toMatchObject({ code: 'command/not-executable', retryable: false });
  });

  it('refuses arguments beside a shell command line', async () => {
    const { error } = await run({ command: 'echo', shell: true, args: ['x'] });
    expect(error).toMatchObject({ code: 'task/invalid-inputs' });
  });
});

/** Processes whose command line holds the mark, as ps sees them; zombies have ended. */
function listProcesses(mark: string): readonly string[] {
  return execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark) && !line.startsWith('Z'));
}

describe('command: what the program leaves behind', () => {
  const seconds = (test: number): string => `100.${test}${process.pid}`;

  it.each([
    ['with the output still open', '', seconds(1)],
    ['with its output elsewhere', '>/dev/null 2>&1', seconds(2)],
    ['ignoring SIGTERM', '>/dev/null 2>&1', seconds(3)],
  ])('ends when the program has ended, and a background process %s with it', async (how, redirection, time) => {
    const trap = how === 'ignoring SIGTERM' ? `trap '' TERM; ` : '';
    const { status, output, logs } = await run({
      command: `(${trap}exec sleep ${time}) ${redirection} & echo started`,
      shell: true,
      killGraceMs: 50,
    });
    expect({ status, output }).toMatchObject({ status: 'completed', output: { stdout: 'started\n' } });
    expect(logs).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('background: true') }),
    );
    expect(listProcesses(`sleep ${time}`)).toEqual([]);
  });

  it('reads what a background process still says at once', async () => {
    const { output } = await run({ command: '(echo late; exec sleep 0.01) & echo early', shell: true });
    expect((output as { stdout: string }).stdout.split('\n').sort()).toEqual(['', 'early', 'late']);
  });

  it('leaves a background process alone when the task says so', async () => {
    const time = seconds(4);
    const { status } = await run({
      command: `sleep ${time} >/dev/null 2>&1 & echo $!`,
      shell: true,
      background: true,
    });
    expect(status).toBe('completed');
    expect(listProcesses(`sleep ${time}`)).toHaveLength(1);
    execFileSync('pkill', ['-f', `sleep ${time}`]);
  });

  it('is not held up by a process of another session that keeps the output open', async () => {
    const time = seconds(5);
    const child = `require('node:child_process').spawn('sleep', ['${time}'], { detached: true, stdio: 'inherit' }).unref(); console.log('started')`;
    const { output } = await script(child);
    expect(output).toMatchObject({ exitCode: 0, stdout: 'started\n' });
    // Out of reach, as the guide says.
    expect(listProcesses(`sleep ${time}`)).toHaveLength(1);
    execFileSync('pkill', ['-f', `sleep ${time}`]);
  });
});

describe('command: abort (R-TO-01, R-TO-06)', () => {
  /** A program with a grandchild; both say when they are there and ignore SIGTERM if asked to. */
  const family = (mark: string, ignoresTerm: boolean): string => `
    const ignore = ${ignoresTerm ? `"process.on('SIGTERM', () => {});"` : '""'};
    eval(ignore);
    const grandchild = ignore + "setTimeout(() => {}, 100_000); console.log('ready')";
    require('node:child_process').spawn(process.execPath, ['-e', grandchild, '${mark}'], { stdio: 'inherit' });
    setTimeout(() => {}, 100_000);`;

  it.each([
    ['with SIGTERM', false, 60_000],
    ['with SIGKILL after the grace period', true, 50],
  ])('ends the whole process group %s', async (_, ignoresTerm, killGraceMs) => {
    const mark = `coppice-mark-${process.pid}-${killGraceMs}`;
    const attempt = script(family(mark, ignoresTerm), { killGraceMs });
    await attempt.until(({ printed }) => printed.some(({ text }) => text.includes('ready')));
    expect(listProcesses(mark).length).toBe(2);
    attempt.abort(new Error('time-out'));
    const { status, error } = await attempt;
    expect(status).toBe('cancelled');
    expect(error?.message).toBe('time-out');
    expect(listProcesses(mark)).toEqual([]);
  });

  it('tells what was printed until then', async () => {
    const attempt = run({ command: 'echo ready; printf half; echo bad >&2; exec sleep 100', shell: true });
    const said = await new Promise((resolve) => {
      void attempt.until((seen) => {
        const partial = seen.partialOutput() as { stdout: string; stderr: string; tail: unknown } | undefined;
        if (partial?.stdout !== 'ready\nhalf' || partial.stderr === '') return false;
        resolve(partial);
        return true;
      });
    });
    attempt.abort();
    await attempt;
    expect(said).toMatchObject({
      truncated: false,
      tail: expect.arrayContaining([
        { stream: 'stdout', line: 'ready' },
        { stream: 'stdout', line: 'half' },
        { stream: 'stderr', line: 'bad' },
      ]),
    });
  });

  it('ends a background process that outlives the shell and ignores SIGTERM', async () => {
    const seconds = `100.25${process.pid}`;
    const attempt = run({
      command: `(trap '' TERM; sleep ${seconds}) & echo ready; exec sleep ${seconds}`,
      shell: true,
      killGraceMs: 50,
    });
    await attempt.until(({ printed }) => printed.some(({ text }) => text.includes('ready')));
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
    expect(listProcesses(`sleep ${seconds}`)).toEqual([]);
  });
});
