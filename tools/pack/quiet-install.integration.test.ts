import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

test('npm ci on a Node that only runs npm prints no warnings about it', async () => {
  const pretend = "Object.defineProperty(process, 'version', { value: 'v20.20.2' })";
  const env = { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretend)}` };
  const args = ['ci', '--dry-run', '--offline', '--ignore-scripts'];
  const { stderr } = await promisify(execFile)('npm', args, { cwd: root, env });
  expect(stderr).toBe('');
});
