/** Task functions: what the lockfile and node_modules tell about the packages this repository depends on. Each runs in a worker thread. */
import type { Stats } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupBy } from './group-by.ts';

export interface LicenceSummary {
  /** Packages in the lockfile, those of this repository left out. */
  readonly packages: number;
  /** Those that only development needs. */
  readonly forDevelopment: number;
  /** Those that run code while they are installed. */
  readonly withInstallScript: readonly string[];
  /** Those of other platforms: the lockfile does not tell their licence, and they are not here to be asked. */
  readonly notInstalled: number;
  /** The most frequent first. */
  readonly byLicence: readonly LicenceCount[];
}

export interface LicenceCount {
  /** SPDX expression, or `unknown`. */
  readonly licence: string;
  readonly packages: number;
  readonly examples: readonly string[];
}

export interface Repeated {
  readonly name: string;
  readonly versions: readonly string[];
}

export interface Footprint {
  readonly totalBytes: number;
  readonly files: number;
  /** The largest first. */
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
}

interface Where {
  readonly root: string;
}

/** The part of the context that is used here. */
interface Reporting {
  progress(fraction: number, message?: string): void;
}

interface LockedPackage {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

/** Licences of all packages in the lockfile; where it names none, the installed package is asked. */
export async function listLicences({ root }: Where): Promise<LicenceSummary> {
  const locked = await readLockfile(root);
  const found = new Map<string, string[]>();
  let notInstalled = 0;
  for (const { path, name, license } of locked) {
    const licence = license ?? (await findInstalledLicence(join(root, path)));
    if (licence === undefined) notInstalled += 1;
    else found.set(licence, [...(found.get(licence) ?? []), name]);
  }
  return {
    packages: locked.length,
    forDevelopment: locked.filter(({ dev }) => dev === true).length,
    withInstallScript: [
      ...new Set(locked.filter(({ hasInstallScript }) => hasInstallScript === true).map(({ name }) => name)),
    ],
    notInstalled,
    byLicence: [...found]
      .map(([licence, names]) => ({ licence, packages: names.length, examples: [...new Set(names)].slice(0, 3) }))
      .toSorted((a, b) => b.packages - a.packages || a.licence.localeCompare(b.licence)),
  };
}

/** Packages that are installed in more than one version. */
export async function listRepeated({ root }: Where): Promise<readonly Repeated[]> {
  const byName = groupBy(await readLockfile(root), ({ name }) => name);
  return [...byName]
    .map(([name, packages]) => ({
      name,
      versions: [...new Set(packages.map(({ version }) => version))].toSorted(byVersion),
    }))
    .filter(({ versions }) => versions.length > 1)
    .toSorted((a, b) => b.versions.length - a.versions.length || a.name.localeCompare(b.name));
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Space that the installed packages take; nothing where nothing is installed. */
export async function measurePackages({ root }: Where, ctx: Reporting): Promise<Footprint> {
  const names = await listInstalled(join(root, 'node_modules'));
  const sizes: { name: string; bytes: number }[] = [];
  let files = 0;
  for (const [index, name] of names.entries()) {
    const { bytes, count } = await measureFolder(join(root, 'node_modules', name));
    sizes.push({ name, bytes });
    files += count;
    ctx.progress((index + 1) / names.length, name);
  }
  return {
    totalBytes: sizes.reduce((total, { bytes }) => total + bytes, 0),
    files,
    largest: sizes.toSorted((a, b) => b.bytes - a.bytes || a.name.localeCompare(b.name)).slice(0, 8),
  };
}

async function readLockfile(root: string): Promise<readonly LockedPackage[]> {
  const text = await readFile(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, Omit<LockedPackage, 'path'>>> };
  const marker = 'node_modules/';
  return Object.entries(packages).flatMap(([path, locked]) => {
    const at = path.lastIndexOf(marker);
    // What has no version is a link to a package of this repository.
    if (at < 0 || locked.version === undefined) return [];
    return [{ ...locked, path, name: path.slice(at + marker.length) }];
  });
}

/** Undefined: the package is not installed. */
async function findInstalledLicence(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { license } = JSON.parse(text) as { readonly license?: unknown };
  return typeof license === 'string' ? license : 'unknown';
}

async function listInstalled(modules: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of await listNames(modules)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@'))
      names.push(...(await listNames(join(modules, name))).map((member) => `${name}/${member}`));
    else names.push(name);
  }
  return names;
}

async function listNames(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Links (to the packages of this repository) are not followed. */
async function measureFolder(folder: string): Promise<{ readonly bytes: number; readonly count: number }> {
  let bytes = 0;
  let count = 0;
  let level: readonly string[] = [folder];
  while (level.length > 0) {
    const found = await Promise.all(level.map(lookAt));
    bytes += found.reduce((total, { stats }) => total + (stats?.isFile() === true ? stats.size : 0), 0);
    count += found.filter(({ stats }) => stats?.isFile()).length;
    level = found.flatMap(({ members }) => members);
  }
  return { bytes, count };
}

async function lookAt(
  path: string,
): Promise<{ readonly stats: Stats | undefined; readonly members: readonly string[] }> {
  const stats = await lstat(path).catch(() => undefined);
  const names = stats?.isDirectory() === true ? await listNames(path) : [];
  return { stats, members: names.map((name) => join(path, name)) };
}
