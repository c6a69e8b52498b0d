import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { bundleCommand } from './bundle-command.ts';

const run = promisify(execFile);

const DEFINITION = `
version: 1
tasks:
  wait: { executor: delay, inputs: { ms: 1 } }
  greet: { executor: command, inputs: { command: echo, args: [hello] } }
  answer:
    executor: function
    dependencies: [wait, greet]
    inputs: { module: ./answer.mjs, args: { said: '\${{ deps.greet.stdout.trim() }}' } }
`;

test('the bundled command runs a tree with its built-in executors, worker threads included, and lists it', async () => {
  // Below the repository, where the native module that is left out can be found.
  const folder = await mkdtemp(resolve(import.meta.dirname, '../../node_modules/.coppice-bundle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const cwd = join(folder, 'work');
  await mkdir(cwd);
  await writeFile(join(cwd, 'answer.mjs'), 'export default ({ said }) => `${said}, you`;');
  await writeFile(join(cwd, 'tree.coppice.yaml'), DEFINITION);
  await bundleCommand(join(folder, 'command'));
  const coppice = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [join(folder, 'command/main.js'), ...args], { cwd })).stdout;

  expect(await coppice('run', 'tree.coppice.yaml', '--json')).toContain('"output":"hello, you"');
  expect(await coppice('tasks', 'list')).toContain('completed');
  expect((await readdir(join(folder, 'command'))).length).toBeLessThan(100);
});
