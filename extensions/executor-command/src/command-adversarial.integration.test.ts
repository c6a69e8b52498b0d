/** Programs that can not be started, and programs that do not play along: each ends its attempt and nothing else. */
import { testExecutor } from '@coppice/testkit';
import type { JsonObject } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { createCommandExecutor } from './command-executor.ts';

const executor = createCommandExecutor();
const node = process.execPath;
const run = (inputs: JsonObject) => testExecutor(executor, { inputs });
const script = (code: string, more: JsonObject = {}) => run({ command: node, args: ['-e', code], ...more });

describe('command: a program that can not be started', () => {
  const long = 'x'.repeat(5_000);
  it.each<[string, JsonObject, string]>([
    ['a name that nobody has', { command: 'no-such-program-here' }, 'command/not-found'],
    ['a name that is too long', { command: `/${long}` }, 'command/not-started'],
    ['a NUL in the name', { command: 'a\0b' }, 'command/not-started'],
    ['a NUL in an argument', { command: node, args: ['a\0b'] }, 'command/not-started'],
    ['a NUL in the environment', { command: node, env: { A: 'a\0b' } }, 'command/not-started'],
    ['a NUL in the folder', { command: node, cwd: 'a\0b' }, 'command/bad-cwd'],
    ['a folder that is not there', { command: node, cwd: '/no/such/folder' }, 'command/bad-cwd'],
    ['a folder whose name is too long', { command: node, cwd: `/${long}` }, 'command/bad-cwd'],
    ['a file as the folder', { command: node, cwd: node }, 'command/bad-cwd'],
    ['a folder below a file', { command: node, cwd: `${node}/below` }, 'command/bad-cwd'],
    ['a folder as the program', { command: '/' }, 'command/not-executable'],
    ['more arguments than the system takes', { command: node, args: ['y'.repeat(3_000_000)] }, 'command/not-started'],
  ])('%s', async (_what, inputs, code) => {
    const { status, error } = await run(inputs);
    expect({ status, code: error?.code }).toEqual({ status: 'failed', code });
  });
});

describe('command: a program that does not play along', () => {
  const much = 'z'.repeat(4_000_000);
  it.each([
    ['ends without reading its input', 'process.exit(0)', 'completed'],
    ['closes its input', 'process.stdin.destroy(); setTimeout(() => {}, 50)', 'completed'],
    ['fails without reading its input', 'process.exit(3)', 'failed'],
    ['kills itself while it is written to', 'process.kill(process.pid, "SIGKILL")', 'failed'],
  ])('%s', async (_what, code, expected) => {
    expect((await script(code, { stdin: much })).status).toBe(expected);
  });

  it('closes its output and goes on', async () => {
    const { status } = await script('process.stdout.destroy(); process.stderr.destroy(); setTimeout(() => {}, 50)');
    expect(status).toBe('completed');
  });

  it('is aborted before it has a process', async () => {
    const attempt = run({ command: 'no-such-program-here' });
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
  });
});
