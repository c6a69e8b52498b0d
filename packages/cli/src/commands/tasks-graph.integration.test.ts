import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '@coppice/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from '../run-cli.fixture.ts';

const DEFINITION = `
version: 1
name: Routed
tasks:
  measure: { executor: delay, inputs: { ms: 1 } }
  big: { executor: delay, inputs: { ms: 1 }, dependencies: [{ task: measure, condition: 'output.size == "xl"' }] }
`;

it('R-PR-09: shows a run at its end and at an earlier event, as text and as one document', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'routed.coppice.yaml'), DEFINITION);
  expect((await runCli(['run', 'routed.coppice.yaml'], { cwd })).code).toBe(0);
  const { stdout, stderr } = await runCli(['tasks', 'graph', 'latest'], { cwd });
  expect(stdout).toContain('big  skipped');
  expect(stdout).toContain('    ← measure: dead (condition)  output.size == "xl", output.size is missing');
  expect(stderr).toMatch(/At event \d+, .*; the run is completed\./);
  const first = await runCli(['tasks', 'graph', 'latest', '--at', '1', '--json'], { cwd });
  const graph = JSON.parse(first.stdout) as Result<'tasks.graph'>;
  expect(graph).toMatchObject({ seq: 1, status: 'created', taskCount: 3 });
  expect(graph.items.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending']);
});
