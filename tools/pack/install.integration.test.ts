/** From nothing to a project of one's own, outside of the clone: what is published is all that it has, and no script runs to install it. */
import { execFile } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listPublished, packPackages, type Archive } from './pack-packages.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const LONG_MS = 600_000;
const MEBIBYTE = 1_048_576;
/** With the dependencies. The driver is 27 MiB of it: binaries for eight platforms, and the sources of SQLite. */
const COMMAND_MIB_MAX = 38;
const LIBRARIES_MIB_MAX = 80;

/** The Node that runs this test, and nothing of the clone. */
const { NODE_OPTIONS: _, INIT_CWD: __, ...env } = process.env;

const folder = mkdtempSync(join(tmpdir(), 'coppice-install-'));
let archives: readonly Archive[] = [];

beforeAll(async () => {
  await run('npm', ['run', '-s', 'types'], { cwd: root });
  // What bundles beside what the compiler writes.
  for (const name of ['coppice', '@coppice/storage', '@coppice/ui']) {
    await run('npm', ['run', '-s', 'build', '-w', name], { cwd: root });
  }
  mkdirSync(join(folder, 'archives'));
  archives = await packPackages(join(folder, 'archives'));
}, LONG_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface InstalledPackage {
  /** Where npm put it, e.g. `node_modules/a/node_modules/b`. */
  readonly place: string;
  readonly hasInstallScript?: boolean;
}

/** An empty project with these archives. What others publish comes from the cache that the install of this clone has filled. */
async function install(name: string, paths: readonly string[]): Promise<string> {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "mine", "private": true, "type": "module" }');
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...options, ...paths], { cwd: project, env });
  return project;
}

function listInstalled(project: string): readonly InstalledPackage[] {
  const lockfile = JSON.parse(readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Omit<InstalledPackage, 'place'>>>;
  };
  return Object.entries(lockfile.packages).map(([place, entry]) => ({ place, ...entry }));
}

const nameOf = ({ place }: InstalledPackage): string =>
  place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Native code, wherever it lies. */
function listDrivers(project: string): readonly string[] {
  const natives = readdirSync(join(project, 'node_modules'), { recursive: true, encoding: 'utf8' });
  return [
    ...new Set(natives.filter((file) => file.endsWith('.node')).map((file) => file.split(/[\\/]prebuilds/)[0] ?? file)),
  ];
}

function sizeMib(project: string): number {
  const at = join(project, 'node_modules');
  const files = readdirSync(at, { recursive: true, encoding: 'utf8' });
  const size = files.reduce((bytes, file) => bytes + lstatSync(join(at, file)).size, 0) / MEBIBYTE;
  console.log(`${project.slice(folder.length + 1)}: ${size.toFixed(1)} MiB in ${files.length} files`);
  return size;
}

describe('the command alone, in an empty folder', () => {
  let project: string;
  const coppice = async (...args: string[]): Promise<string> =>
    (await run('npx', ['--no-install', 'coppice', ...args], { cwd: project, env })).stdout;

  beforeAll(async () => {
    project = await install(
      'command',
      archives.filter(({ name }) => name === 'coppice').map(({ path }) => path),
    );
  }, LONG_MS);

  test('brings the driver, its header files and nothing else', () => {
    const installed = listInstalled(project);
    expect(installed.map(nameOf)).toEqual(['better-sqlite3', 'coppice', 'node-addon-api']);
    expect(installed.filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
    expect(listDrivers(project)).toEqual(['better-sqlite3']);
    expect(sizeMib(project)).toBeLessThan(COMMAND_MIB_MAX);
  });

  test(
    'writes a first definition and runs it',
    async () => {
      expect(await coppice('init')).toContain('hello.coppice.yaml');
      expect(await coppice('run', 'hello.coppice.yaml', '--input', 'who=you')).toContain('goodbye you');
      expect(await coppice('tasks', 'list')).toContain('completed');
      expect(await coppice('executors', 'list')).toContain('http');
    },
    LONG_MS,
  );
});

describe('the command with every library, in an empty folder', () => {
  let project: string;

  beforeAll(async () => {
    project = await install(
      'libraries',
      archives.map(({ path }) => path),
    );
  }, LONG_MS);

  test('brings one driver, no install script, and none of ours twice', () => {
    const installed = listInstalled(project);
    expect(installed.filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
    expect(listDrivers(project)).toEqual(['better-sqlite3']);
    const names = installed.map(nameOf);
    expect(names.filter((name) => name === 'better-sqlite3')).toHaveLength(1);
    expect(names).not.toContain('typeorm');
    const ours = archives.map(({ name }) => name);
    expect(names.filter((name) => ours.includes(name)).toSorted()).toEqual(ours.toSorted());
    expect(sizeMib(project)).toBeLessThan(LIBRARIES_MIB_MAX);
  });

  test(
    'a program embeds a server and speaks to it',
    async () => {
      cpSync(join(root, 'examples/rpc-client/main.ts'), join(project, 'main.ts'));
      const { stdout } = await run(process.execPath, ['main.ts'], { cwd: project, env });
      expect(stdout).toContain('both completed');
    },
    LONG_MS,
  );
});

describe.each(listPublished())('$manifest.name', ({ folder: at, manifest }) => {
  test('says whose it is and where it comes from, and holds no tests', () => {
    const { repository, license, publishConfig } = manifest;
    const { license: own, repository: source } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as typeof manifest;
    expect({ repository, license, publishConfig }).toEqual({
      repository: { ...source, directory: at },
      license: own,
      publishConfig: { access: 'public', provenance: true },
    });
    expect(readFileSync(join(root, at, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
    const files = archives.find(({ name }) => name === manifest.name)?.files ?? [];
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']));
    expect(files.filter((file) => /\.(test|fixture)\.|tsbuildinfo|^src\//.test(file))).toEqual([]);
    expect(files.some((file) => file.startsWith('dist/'))).toBe(true);
  });
});
