import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '@coppice/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from '../run-cli.fixture.ts';

const DEFINITION = `
version: 1
name: Two groups
tasks:
  build: { children: { a: { executor: delay, inputs: { ms: 1 } }, b: { executor: delay, inputs: { ms: 1 } } } }
  deploy: { dependencies: [build], children: { c: { executor: delay, inputs: { ms: 1 } } } }
`;

it('R-PR-07, R-PR-11: shows counts of a run and its groups, times, and what waits for which executor', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'two.coppice.yaml'), DEFINITION);
  expect((await runCli(['run', 'two.coppice.yaml'], { cwd })).code).toBe(0);
  const { stdout } = await runCli(['tasks', 'status', 'latest', '--group', 'latest/build'], { cwd });
  expect(stdout).toContain('✓ completed: 6 of 6 tasks (100 %)\n  latest/build: 2 of 2 tasks (100 %)\ntook ');
  expect(stdout).toMatch(/^delay +0 +0 +0 +-$/m);
  const json = await runCli(['tasks', 'status', 'latest', '--json'], { cwd });
  expect((JSON.parse(json.stdout) as Result<'tasks.status'>).queues).toEqual([
    { executor: 'delay', ready: 0, running: 0, open: 0, averageMs: null },
  ]);
});
