/** The extension as a `.vsix`: the same bytes from the same sources, whenever and wherever it is made. */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { bundleVscode } from './bundle-vscode.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'packages/vscode');
const CONTENT = ['dist', 'media', 'l10n', 'package.nls.json', 'README.md', 'CHANGELOG.md'];

/** Builds and packs; answers the path of the package. */
export async function packageVscode(out = join(folder, 'coppice.vsix')): Promise<string> {
  await bundleVscode();
  // Apart from the workspace: its manifest has links and scripts that no user gets.
  const staging = mkdtempSync(join(tmpdir(), 'coppice-vsix-'));
  try {
    for (const name of CONTENT) cpSync(join(folder, name), join(staging, name), { recursive: true });
    cpSync(join(root, 'LICENSE'), join(staging, 'LICENSE'));
    const {
      devDependencies: _dev,
      scripts: _scripts,
      private: _private,
      files: _files,
      // The sources are modules; what is packed is not, because editors in browsers load none.
      type: _type,
      ...manifest
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(staging, 'package.json'), `${JSON.stringify({ ...manifest, files: ['**'] }, null, 2)}\n`);
    process.env['SOURCE_DATE_EPOCH'] ??= lastCommitTime();
    await createVSIX({ cwd: staging, packagePath: out, dependencies: false, allowMissingRepository: true });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return statSync(out).size > 0 ? out : '';
}

/** Seconds since 1970 of the last commit; a fixed time where there is no history. */
function lastCommitTime(): string {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return '1700000000';
  }
}
