/** The lines of the README: the demo is killed while it works, however fast the machine is, and the next process goes on. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const { NODE_OPTIONS: _, ...env } = process.env;

test('npm run demo:kill leaves a run that resume finishes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const run = async (...args: string[]): Promise<string> => {
    const options = { cwd: root, env: { ...env, NO_COLOR: '1', COPPICE_DATA_DIR: folder } };
    return (await promisify(execFile)(process.execPath, ['--conditions=coppice-source', ...args], options)).stdout;
  };
  expect(await run(join(root, 'tools/demo-kill.ts'))).toContain('Killed in the middle of its work');
  expect(await run(join(root, 'packages/cli/src/main.ts'), 'resume')).toContain('✓ completed');
});
