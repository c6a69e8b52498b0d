/** `coppice waits` and `coppice answer` for a user who may answer some waits and not others. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';

const TOKEN = 'the-token-of-ann-in-a-test';
const ASK = `
version: 1
name: ask
tasks:
  boss: { approval: { title: 'May it go?', approvers: [bob, eve] } }
  self: { approval: { title: 'Will you go?' } }
`;

it('R-SN-01: says who may answer what the user may not, and the server refuses the answer', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'ask.yaml'), ASK);
  const config = { auth: { users: [{ userId: 'ann', token: { env: 'ANN_TOKEN' } }] } };
  await writeFile(join(cwd, 'config.json'), JSON.stringify(config));
  const server = startCli(['serve', '--port', '0', '--config', 'config.json'], { cwd, env: { ANN_TOKEN: TOKEN } });
  onTestFinished(async () => {
    server.child.kill('SIGKILL');
    await server.ended;
  });
  const shown = await server.until('http://');
  const url = /http:\/\/[\d.:]+/.exec(shown)?.[0] ?? '';
  const as = (...args: readonly string[]) =>
    runCli([...args, '--server', url], { cwd, env: { COPPICE_TOKEN: TOKEN, NO_COLOR: '1' } });
  await as('tasks', 'create', 'ask.yaml');
  await as('tasks', 'execute', 'latest');
  const listed = await as('waits');
  expect(listed.stdout).toMatch(/only bob or 1 more may answer +May it go\?/);
  expect(listed.stdout).toMatch(/answer of ann +Will you go\?/);
  const refused = await as('answer', 'latest/boss', '--approve');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/bob, eve/) as string });
  const taken = await as('answer', '--approve');
  expect(taken).toMatchObject({ code: 0, stdout: expect.stringContaining('Approved') as string });
  const left = await as('waits');
  expect(left.stdout).not.toContain('Will you go?');
  expect(left.stderr).not.toContain('Answer one with');
});
