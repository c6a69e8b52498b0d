/** `coppice doctor`, as a person sees it. What it finds is tested in packages/server/src/doctor. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';
import type { CliResult } from './run-cli.fixture.ts';

let cwd: string;

const coppice = (...args: string[]): Promise<CliResult> => runCli(args, { cwd });

beforeEach(async () => {
  const folder = await makeFolder();
  cwd = folder.path;
  onTestFinished(() => folder.remove());
  const tasks = 'tasks:\n  one: { executor: delay, inputs: { ms: 1 } }\n';
  await writeFile(join(cwd, 'tree.coppice.yaml'), `version: 1\nname: Tree\n${tasks}`);
});

it('says that all is well, or what is wrong and what mends it; the exit code says it too', async () => {
  const before = await coppice('doctor');
  expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining('There is no store in') as string });
  await coppice('run', 'tree.coppice.yaml');
  const well = await coppice('doctor');
  expect({ code: well.code, stderr: well.stderr }).toEqual({ code: 0, stderr: '' });
  expect(well.stdout).toMatch(/✓ 1 run with \d+ events looked at\nAll is well\.\n$/);

  const database = new Database(join(cwd, '.coppice', 'coppice.db'));
  database.exec('UPDATE task_execution SET attempt = 7');
  database.close();
  const ill = await coppice('doctor');
  expect(ill.code).toBe(1);
  expect(ill.stdout).toContain('✗ Tree: Row of task');
  expect(ill.stdout).toMatch(/1 problem\. What is safe to mend is mended by: coppice doctor --repair\n$/);
  const mended = await coppice('doctor', '--repair', '--json');
  expect(mended.code).toBe(0);
  expect(JSON.parse(mended.stdout)).toMatchObject({ sound: true });
  expect((await coppice('doctor')).stdout).toContain('All is well.');
});

it('looks at a folder, not at a server', async () => {
  const { code, stderr } = await coppice('doctor', '--server', 'http://127.0.0.1:1');
  expect(code).toBe(2);
  expect(stderr).toContain('Run it where the server runs');
});
