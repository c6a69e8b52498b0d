/** A folder as a user has it: the command installed, a definition in it. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleCommand } from '../../bundle/bundle-command.ts';

const cli = resolve(import.meta.dirname, '../../../packages/cli');

export const DEFINITION = `version: 1
name: Nightly
tasks:
  fetch: { executor: delay, inputs: { ms: 30ms } }
  build:
    name: Build it
    executor: delay
    dependencies: [fetch]
    inputs: { ms: 60ms }
  check:
    executor: command
    dependencies: [build]
    inputs: { command: sh, args: ['-c', 'echo "2 of 80 checks are wrong" >&2; exit 3'] }
    policies: { retry: { maxAttempts: 2, delay: 20ms } }
  publish: { executor: delay, dependencies: [check], inputs: { ms: 10ms } }
`;

export interface Workspace {
  readonly folder: string;
  /** With the extension that was packed beside it. */
  remove(): Promise<void>;
}

/** Builds the command first: it runs as it is published. */
export async function makeWorkspace(files: Readonly<Record<string, string>>): Promise<Workspace> {
  await bundleCommand(join(cli, 'dist/command'));
  const folder = await mkdtemp(join(tmpdir(), 'coppice-workspace-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(cli, join(folder, 'node_modules/coppice'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await rm(`${folder}.vsix`, { force: true });
  };
  return { folder, remove };
}
