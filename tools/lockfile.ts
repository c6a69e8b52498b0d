/**
 * Checks the lockfiles, ours and those of what is installed apart: `npm run lockfile`. With `--complete` it adds the platform packages that are missing.
 *
 * 1. No entry names the host it was downloaded from, so that the file works with any registry.
 * 2. Every optional dependency has an entry. npm drops those of other platforms when it could not fetch them or when
 *    `node_modules` already existed, and from then on `npm ci` refuses the file, on those platforms or on all.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { completeLockfile, findHosts, listMissing, type Lockfile } from './lockfile/optional-packages.ts';

const root = resolve(import.meta.dirname, '..');
for (const file of ['package-lock.json', 'bench/peers/package-lock.json', 'tools/vscode-host/package-lock.json']) {
  const path = resolve(root, file);
  const lockfile = JSON.parse(readFileSync(path, 'utf8')) as Lockfile;
  if (process.argv.includes('--complete')) complete(path, lockfile);
  else check(file, lockfile);
}

function complete(path: string, lockfile: Lockfile): void {
  const completed = completeLockfile(lockfile);
  writeFileSync(path, `${JSON.stringify(completed, null, 2)}\n`);
  console.log(`lockfile: added ${listMissing(lockfile).length} packages`);
}

function check(file: string, lockfile: Lockfile): void {
  const missing = listMissing(lockfile);
  const hosts = findHosts(lockfile);
  for (const { name, version } of missing) console.error(`${file}: no entry for ${name}@${version}`);
  for (const key of hosts) console.error(`${file}: ${key} names the host it came from`);
  if (missing.length > 0) console.error('Run `npm run lockfile -- --complete`.');
  console.log(`${file}: ${missing.length} entries missing, ${hosts.length} with a host`);
  if (missing.length + hosts.length > 0) process.exitCode = 1;
}
