/** Packs every package that is published, as it would be published: what is built must be up to date. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly repository?: { readonly url: string; readonly directory: string };
  readonly publishConfig?: { readonly access: string; readonly provenance: boolean };
}

export interface PublishedPackage {
  /** Relative to the repository, with forward slashes. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Archive {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** What is in it, relative to the package. */
  readonly files: readonly string[];
}

export function listPublished(): readonly PublishedPackage[] {
  return globSync('{packages,extensions}/*/package.json', { cwd: root })
    .toSorted()
    .map((file) => ({
      folder: file.replaceAll('\\', '/').slice(0, -'/package.json'.length),
      manifest: JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The folder must be there. */
export async function packPackages(folder: string): Promise<readonly Archive[]> {
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', resolve(folder)];
  const members = listPublished().flatMap(({ manifest }) => ['-w', manifest.name]);
  const { stdout } = await promisify(execFile)('npm', [...args, ...members], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const packed = Object.values(JSON.parse(stdout) as Record<string, PackedArchive>);
  return packed.map(({ name, filename, files }) => ({
    name,
    path: join(resolve(folder), filename),
    files: files.map(({ path }) => path),
  }));
}

/** What npm says of an archive. */
interface PackedArchive {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}
