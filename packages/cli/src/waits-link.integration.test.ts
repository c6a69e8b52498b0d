/** `coppice waits link`: the address of a page that answers one wait. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';

const ASK = `
version: 1
name: ask
tasks:
  ship: { approval: { title: 'Ship it?' } }
`;

it('makes one where a server is, and says what is missing where none is', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'ask.yaml'), ASK);
  await runCli(['tasks', 'create', 'ask.yaml'], { cwd });
  const without = await runCli(['waits', 'link', 'latest/ship'], { cwd });
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('coppice serve') as string });
  const server = startCli(['serve', '--port', '0'], { cwd });
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
  });
  await server.until('token');
  await runCli(['tasks', 'execute', 'latest'], { cwd });
  const wrong = await runCli(['waits', 'link', 'latest/ship', '--expires', 'soon'], { cwd });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--expires: expected a duration') as string });
  const made = await runCli(['waits', 'link', 'latest/ship', '--expires', '2d', '--name', 'Mia'], { cwd });
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('may answer, until 20') as string });
  const url = made.stdout.trim();
  expect(await (await fetch(url)).text()).toContain('<h1>Ship it?</h1>');
  const answered = await fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'approve' }) });
  expect(await answered.text()).toContain('Approved');
  const task = await runCli(['tasks', 'get', 'latest/ship', '--json'], { cwd });
  expect(JSON.parse(task.stdout)).toMatchObject({ output: { by: { userId: 'link (Mia)' } } });
  const again = await runCli(['waits', 'link', 'latest/ship', '--json'], { cwd });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('waits for no answer') as string });
});
