import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFolder, runCli } from './run-cli.fixture.ts';

/** Preloaded: writes the addresses of all modules that the process loads to the file in COPPICE_MODULES. */
const RECORDER = `
  import { writeFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('exit', () => writeFileSync(process.env.COPPICE_MODULES, loaded.join('\\n')));
`;
/** What only commands that execute, or look into the store themselves, may load. */
const HEAVY = ['inversify', 'typeorm', 'better-sqlite3', 'fastify', 'pino'];
const NOTHING_LISTENS = 'http://127.0.0.1:9';

/** Names of packages that a command loads, and of ours. `prepare`: what is done in the same folder first. */
async function packagesOf(
  args: readonly string[],
  { stdin = '', prepare }: { readonly stdin?: string; readonly prepare?: (cwd: string) => Promise<unknown> } = {},
): Promise<readonly string[]> {
  const { path: cwd, remove } = await makeFolder();
  onTestFinished(remove);
  await prepare?.(cwd);
  const modules = join(cwd, 'modules');
  await runCli(args, {
    cwd,
    stdin,
    env: { COPPICE_MODULES: modules, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(RECORDER)}` },
  });
  const urls = (await readFile(modules, 'utf8')).split('\n');
  const names = urls.flatMap((url) => {
    const inModules = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
    const ours = /\/(?:packages|extensions)\/([^/]+)\//.exec(url)?.[1];
    return inModules ?? (ours === undefined ? [] : `@coppice/${ours}`);
  });
  return [...new Set(names)];
}

it.each([
  ['--version'],
  ['--help'],
  ['tasks list', '--server', NOTHING_LISTENS],
  ['tasks watch 1', '--server', NOTHING_LISTENS],
])('%s loads neither the container nor the store', async (...parts) => {
  const packages = await packagesOf(parts.flatMap((part) => part.split(' ')));
  expect(packages).toContain('@coppice/cli');
  for (const heavy of [...HEAVY, 'zod', '@coppice/server', '@coppice/engine']) expect(packages).not.toContain(heavy);
});

const DEFINITION = 'version: 1\ntasks: { a: { executor: delay, inputs: { ms: 1 } } }';

it('would notice: a command that executes loads them, and the executors', async () => {
  expect(await packagesOf(['run', '-'], { stdin: DEFINITION })).toEqual(
    expect.arrayContaining(['inversify', 'typeorm', 'better-sqlite3', '@coppice/executor-delay']),
  );
});

it('a command that only reads the store loads no executor, and not what migrates', async () => {
  const packages = await packagesOf(['tasks', 'list'], {
    prepare: (cwd) => runCli(['run', '-'], { cwd, stdin: DEFINITION }),
  });
  expect(packages).toContain('better-sqlite3');
  expect(packages).not.toContain('typeorm');
  expect(packages.filter((name) => name.startsWith('@coppice/executor-'))).toEqual([]);
});
