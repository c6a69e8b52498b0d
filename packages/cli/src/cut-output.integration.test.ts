/** An output over its limit is seen where people look: on the task's line, in the summary, in the task. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';

const LARGE = `
version: 1
name: Large output
tasks:
  big: { executor: command, inputs: { command: node, args: [-e, 'process.stdout.write("first\\n" + "x".repeat(9e6) + "\\nlast")'] } }
  asked: { executor: command, inputs: { command: node, args: [-e, 'process.stdout.write("abc")'], maxOutputBytes: 1, keep: head } }
  size: { executor: command, dependencies: [big], inputs: { command: wc, args: [-c], stdin: '\${{ deps.big.stdout }}' } }
`;

it('an output that was cut is marked on its line and in the summary, and its reader fails with the ways out', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'tree.coppice.yaml'), LARGE);
  const { code, stdout } = await runCli(['run', 'tree.coppice.yaml'], { cwd });
  expect(code).toBe(1);
  expect(stdout).toMatch(/✓ big .*cut: last 1 MiB of 8\.6 MiB of stdout/);
  expect(stdout).toMatch(/✓ asked .*cut: first 1 bytes of 3 bytes of stdout/);
  expect(stdout).toMatch(/^An output is not whole: big \(cut: last 1 MiB of 8\.6 MiB of stdout\)$/m);
  expect(stdout).toMatch(/stdout of big was cut: only the last 1048576 of 9000011 bytes are there.*keep: tail/);
  const treeId = /started · .* · (\S+)/.exec(stdout)?.[1] ?? '';
  const shown = await runCli(['tasks', 'get', `${treeId}.1`], { cwd });
  expect(shown.stdout).toContain('cut: last 1 MiB of 8.6 MiB of stdout');
});
