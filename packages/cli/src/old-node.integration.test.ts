/** The installed command on a Node that is too old for it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const command = resolve(import.meta.dirname, '../bin/coppice.mjs');

/** Runs the command on this Node, which says that it is another one. */
async function runOn(version: string): Promise<{ readonly code: number; readonly stderr: string }> {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const args = [`--import=data:text/javascript,${encodeURIComponent(pretend)}`, command, '--version'];
  const { NODE_OPTIONS: _, ...env } = process.env;
  return promisify(execFile)(process.execPath, args, { env }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, stderr }),
  );
}

it.each(['12.22.0', '18.20.8', '20.20.2', '22.18.9'])('says in one sentence that %s is too old', async (version) => {
  const { code, stderr } = await runOn(version);
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: `✗ Coppice needs Node.js 22.19 or later, and this is ${version}; install a newer one from https://nodejs.org\n`,
  });
});

it.each(['22.19.0', '23.0.0', '24.21.0', '100.0.0'])('takes %s', async (version) => {
  expect((await runOn(version)).stderr).not.toContain('needs Node.js');
});

it('names the version that the package asks for', async () => {
  const { engines } = JSON.parse(await readFile(resolve(command, '../../package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  expect((await runOn('1.0.0')).stderr).toContain(`Node.js ${engines.node.replace('>=', '')} or later`);
});
