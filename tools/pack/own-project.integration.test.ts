/** From nothing to a project of one's own, outside of the clone: what is published is all that it has. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { bundleCommand } from '../bundle/bundle-command.ts';
import { packPackages } from './pack-packages.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const LONG_MS = 600_000;

/** The Node that runs this test, and nothing of the clone. */
const { NODE_OPTIONS: _, INIT_CWD: __, ...env } = process.env;

test(
  'packed, installed without scripts in an empty folder, it writes a first definition and runs it',
  async () => {
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root });
    await bundleCommand(join(root, 'packages/cli/dist/command'));
    const folder = await mkdtemp(join(tmpdir(), 'coppice-own-project-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "name": "mine", "private": true }');
    const archives = await packPackages(folder);
    // What others publish comes from the cache that the install of this clone has filled.
    const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', [...install, ...archives], { cwd: project, env });
    const coppice = async (...args: string[]): Promise<string> =>
      (await run('npx', ['--no-install', 'coppice', ...args], { cwd: project, env })).stdout;

    expect(await coppice('init')).toContain('hello.coppice.yaml');
    expect(await coppice('run', 'hello.coppice.yaml', '--input', 'who=you')).toContain('goodbye you');
    expect(await coppice('tasks', 'list')).toContain('completed');
    expect(await coppice('executors', 'list')).toContain('http');
  },
  LONG_MS,
);
