/** `coppice tasks execute` with several ids. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';

const PARTS = `
version: 1
name: Parts
tasks:
  a: { executor: delay, inputs: { ms: 1 } }
  b: { executor: delay, inputs: { ms: 1 } }
  c: { executor: delay, inputs: { ms: 1 } }
`;

it('R-TV-05: runs tasks of one tree and nothing else; to copy several is refused', async () => {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await writeFile(join(cwd, 'parts.coppice.yaml'), PARTS);
  const coppice = (...args: string[]) => runCli(['tasks', ...args], { cwd });
  const stored = JSON.parse((await coppice('create', 'parts.coppice.yaml', '--json')).stdout) as {
    readonly children: readonly { readonly id: string }[];
  };
  const [a = '', , c = ''] = stored.children.map(({ id }) => id);
  expect(await coppice('execute', a, c, '--copy')).toMatchObject({ code: 2 });
  const executed = await coppice('execute', a, c);
  expect(executed).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ a [^]*✓ c /) as string });
  expect(executed.stdout).not.toContain('✓ b');
});
