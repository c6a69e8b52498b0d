/** One action on all trees of a filter, by the command as a person runs it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, webSocketTransport } from '@coppice/client';
import type { Result } from '@coppice/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from '../run-cli.fixture.ts';
import type { CliResult } from '../run-cli.fixture.ts';
import { startServer } from '../session/real-server.fixture.ts';

const DEFINITION = `
version: 1
tasks:
  nightly:
    name: Nightly
    tags: [nightly]
    children:
      a: { executor: command, inputs: { command: node, args: [-e, 'process.exit(require("node:fs").existsSync("mended") ? 0 : 3)'] } }
      b: { executor: delay, dependencies: [a], inputs: { ms: 1 } }
`;

interface Answer {
  readonly action: string;
  readonly dryRun: boolean;
  readonly items: Result<'tasks.bulk'>['items'];
}

it('R-TO-06, R-RT-13: shows what would happen, does it, and says per tree what was done', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  const tasks = (...args: readonly string[]): Promise<CliResult> => runCli(['tasks', ...args], { cwd });
  await writeFile(join(cwd, 'nightly.coppice.yaml'), DEFINITION);
  await writeFile(join(cwd, 'plain.coppice.yaml'), DEFINITION.replace('tags: [nightly]', 'tags: []'));
  expect((await runCli(['run', 'nightly.coppice.yaml'], { cwd })).code).toBe(1);
  expect((await tasks('create', 'nightly.coppice.yaml')).code).toBe(0);
  expect((await tasks('create', 'plain.coppice.yaml')).code).toBe(0);

  const shown = await tasks('cancel', '--tag', 'nightly', '--dry-run');
  expect(shown.stdout).toMatch(/^✓ [\da-f-]{36} {2}Nightly \(created\), 3 tasks\n$/);
  expect(shown.stderr).toContain('Would cancel 1 tree with 3 tasks.');
  const cancelled = await tasks('cancel', '--tag', 'nightly', '--reason', 'holiday', '--json');
  const { items } = JSON.parse(cancelled.stdout) as Answer;
  expect(JSON.parse(cancelled.stdout)).toMatchObject({ action: 'cancel', dryRun: false });
  expect(items).toMatchObject([{ name: 'Nightly', status: 'created', ok: true, taskCount: 3 }]);

  await writeFile(join(cwd, 'mended'), '');
  const retried = await tasks('retry', '--status', 'failed');
  expect(retried.stdout).toContain('(failed), 3 tasks');
  expect(retried.code).toBe(0);
  // The command has watched the run to its end.
  const ended = await tasks('list', '--status', 'completed', '--json');
  expect((JSON.parse(ended.stdout) as Result<'tasks.list'>).items).toHaveLength(1);
  expect(retried.stdout).toContain('✓ b');
  const again = await tasks('retry', '--status', 'completed');
  expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('(task/invalid-transition)') as string]);

  const ids = await tasks('delete', '--status', 'completed', '--status', 'created');
  expect(ids.code).toBe(2);
  expect(ids.stderr).toContain('This would delete 2 trees');
  const deleted = await tasks('delete', '--status', 'completed', '--status', 'created', '--limit', '1', '--yes');
  expect(deleted.stderr).toContain('Deleted 1 tree with 3 tasks.');
  expect((await tasks('delete', '--older-than', '1d', '--yes')).stderr).toContain('No tree matches.');
  const left = await tasks('list', '--older-than', '0s', '--json');
  expect((JSON.parse(left.stdout) as Result<'tasks.list'>).items.map(({ runStatus }) => runStatus)).toEqual([
    'cancelled',
    'completed',
  ]);
});

it('R-TO-06: goes on until no page is left', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  const server = await startServer(join(cwd, '.coppice'));
  const { url = '' } = server.address ?? {};
  const token = (await readFile(join(cwd, '.coppice', 'token'), 'utf8')).trim();
  const client = createClient({ transport: webSocketTransport({ url, token }) });
  onTestFinished(() => client.close());
  await Promise.all(
    Array.from({ length: 101 }, () => client.tasks.create({ tasks: [{ name: 'one', tags: ['many'] }] })),
  );
  const args = ['tasks', 'cancel', '--tag', 'many', '--json', '--server', url];
  const { stdout } = await runCli(args, { cwd, env: { COPPICE_TOKEN: token } });
  expect((JSON.parse(stdout) as Answer).items).toHaveLength(101);
});

it('refuses ids and a filter together, neither of them, and a duration that is none', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  for (const [args, message] of [
    [['cancel'], 'Name what to cancel: ids, or a filter'],
    [['cancel', 'x', '--tag', 'y'], 'Ids and a filter exclude each other'],
    [['delete', 'x', '--dry-run'], 'Ids and a filter exclude each other'],
    [['retry', '--tag', 'y', '--mode', 'task'], '--mode task needs the id of a task'],
    [['retry', '--tag', 'y', '--watch'], 'With a filter, --input'],
    [['delete', '--older-than', 'long', '--yes'], '"long" is no duration'],
  ] as const) {
    const { code, stderr } = await runCli(['tasks', ...args], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message) as string]);
  }
});
