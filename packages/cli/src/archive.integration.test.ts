/** Runs as files, as a person handles them; and processes that are killed while they archive (R-HI-02). */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli, startCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

/** Runs that a process archives when it is killed. */
const RUNS = 6;

let cwd: string;

const coppice = (...args: string[]): Promise<CliResult> => runCli(args, { cwd });

async function json(...args: string[]): Promise<never> {
  const { stdout, stderr } = await coppice(...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as never;
}

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(() => folder.remove());
  const tasks = 'tasks:\n  one: { executor: command, inputs: { command: echo, args: [hello] } }\n';
  await writeFile(join(cwd, 'tree.coppice.yaml'), `version: 1\nname: A tree\n${tasks}`);
});

it('a run is saved, and brought in again with what its tasks wrote', async () => {
  await coppice('run', 'tree.coppice.yaml');
  expect((await coppice('tasks', 'export', 'latest')).stdout).toContain('is in A tree.coppice-run.gz');
  const again = await coppice('tasks', 'export', 'latest');
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') as string });
  expect((await coppice('tasks', 'export', 'latest', '--overwrite')).code).toBe(0);
  expect((await readdir(cwd)).filter((name) => name.endsWith('.part'))).toEqual([]);
  await coppice('tasks', 'delete', 'latest');
  expect((await coppice('tasks', 'import', 'A tree.coppice-run.gz')).stdout).toContain(
    '(completed) is in the store now.',
  );
  expect((await coppice('tasks', 'logs', 'latest')).stdout).toContain('hello');
  expect((await coppice('tasks', 'import', 'A tree.coppice-run.gz')).stdout).toContain('was in the store already.');
});

it('what is no run is refused in words', async () => {
  await writeFile(join(cwd, 'big'), Buffer.alloc(13 * 1024 * 1024));
  const refusals = [
    ['tree.coppice.yaml', 1, 'The file is no Coppice run, or it is damaged'],
    ['nothing', 2, 'There is no file nothing. Make one with: coppice tasks export TREE'],
    ['big', 2, 'Copy it into the folder "archive" of the data directory'],
  ] as const;
  for (const [file, code, message] of refusals)
    expect(await coppice('tasks', 'import', file)).toMatchObject({
      code,
      stderr: expect.stringContaining(message) as string,
    });
});

it('a process that is killed while it archives loses no run, and leaves none half (SIGKILL)', async () => {
  const ids: string[] = [];
  for (let run = 0; run < RUNS; run++) {
    const { stdout } = await coppice('run', 'tree.coppice.yaml', '--json');
    ids.push((JSON.parse(stdout.split('\n')[0] ?? '') as { treeId: string }).treeId);
  }
  for (const archivedBefore of [0, 2, 4]) {
    const process = startCli(['tasks', 'archive', '--status', 'completed', '--limit', '100'], { cwd });
    const folder = join(cwd, '.coppice', 'archive');
    await expect
      .poll(async () => (await readdir(folder).catch(() => [])).length, { interval: 1, timeout: 40_000 })
      .toBeGreaterThanOrEqual(archivedBefore);
    process.child.kill('SIGKILL');
    await process.ended;
    const stored = ((await json('tasks', 'list')) as { items: { id: string }[] }).items.map(({ id }) => id);
    const files = ((await json('archives')) as { items: { treeId: string; problem: string | null }[] }).items;
    expect(files.filter(({ problem }) => problem !== null)).toEqual([]);
    expect([...new Set([...stored, ...files.map(({ treeId }) => treeId)])].toSorted()).toEqual(ids.toSorted());
    for (const { treeId } of files) await json('archives', 'verify', treeId);
  }
  expect((await coppice('tasks', 'archive', '--status', 'completed')).code).toBe(0);
  expect((await coppice('doctor')).code).toBe(0);
  const names = await readdir(join(cwd, '.coppice', 'archive'));
  expect(names.filter((name) => !name.endsWith('.coppice-run.gz'))).toEqual([]);
  const kept = await readFile(join(cwd, '.coppice', 'archive', names[0] ?? ''));
  expect(kept.length).toBeGreaterThan(0);
});

it('retention lists what would go before it goes', async () => {
  await writeFile(join(cwd, 'coppice.config.json'), JSON.stringify({ retention: { rules: [{ keep: 1 }] } }));
  await coppice('run', 'tree.coppice.yaml');
  expect((await coppice('prune')).stderr).toContain('No run is old enough.');
  await coppice('run', 'tree.coppice.yaml');
  const planned = await coppice('prune', '--dry-run');
  expect(planned.stdout).toMatch(/A tree \(completed\), enough newer ones: to archive/);
  expect(planned.stderr).toContain('1 run would leave the store.');
  const done = await coppice('prune');
  expect(done.stdout).toContain('archived');
  const { items } = (await json('archives')) as { items: { treeId: string }[] };
  const id = items[0]?.treeId ?? '';
  expect((await coppice('archives', 'verify', id.slice(0, 12))).stdout).toContain(`${id} is as it was archived`);
  expect((await coppice('archives', 'restore', id)).stdout).toContain('(completed) is back in the store.');
  expect((await coppice('archives')).stdout).toContain('completed, in the store too');
  expect((await coppice('prune')).stderr).toContain('No run is old enough.');
  expect(await coppice('archives', 'delete', id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Delete it with --yes') as string,
  });
  expect((await coppice('archives', 'delete', id, '--yes')).stdout).toContain('Deleted the archived run');
});
