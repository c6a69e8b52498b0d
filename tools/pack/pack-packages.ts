/** Packs the command and every package of this repository that it needs, as they would be published: what is built must be up to date. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const COMMAND = '@coppice/cli';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Answers the paths of the archives. The folder must be there. */
export async function packPackages(folder: string): Promise<readonly string[]> {
  const names = await neededBy(COMMAND);
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', resolve(folder)];
  const { stdout } = await promisify(execFile)('npm', [...args, ...names.flatMap((name) => ['-w', name])], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const packed = Object.values(JSON.parse(stdout) as Record<string, { readonly filename: string }>);
  return packed.map(({ filename }) => join(resolve(folder), filename));
}

/** The package itself, and what of this repository it needs, directly and transitively. */
async function neededBy(name: string, known = new Set<string>()): Promise<readonly string[]> {
  known.add(name);
  // npm links the packages of a workspace under their names.
  const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8');
  const { dependencies = {} } = JSON.parse(text) as Manifest;
  for (const each of Object.keys(dependencies)) {
    if (each.startsWith('@coppice/') && !known.has(each)) await neededBy(each, known);
  }
  return [...known];
}
