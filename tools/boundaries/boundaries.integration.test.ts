import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findViolations } from './find-violations.ts';
import { readWorkspace } from './workspace.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
let folder: string;

beforeEach(() => {
  // Inside the repository, so that the types of Node are within reach and only the settings keep them out.
  mkdirSync(join(root, 'coverage'), { recursive: true });
  folder = mkdtempSync(join(root, 'coverage', 'planted-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('boundaries on disk', () => {
  it('reads the sources of this repository', () => {
    const core = readWorkspace(root).members.find(({ name }) => name === 'core');
    expect(core?.files.map(({ path }) => path)).toContain('packages/core/src/index.ts');
  });

  it('finds a planted violation and skips built files', () => {
    plant('packages/core/package.json', '{"name":"@coppice/core"}');
    plant('packages/core/src/deep/a.ts', `import '@coppice/storage';`);
    plant('packages/core/dist/index.ts', `import '@coppice/storage';`);
    plant('packages/core/node_modules/x/index.ts', `import '@coppice/storage';`);
    expect(findViolations(readWorkspace(folder))).toEqual([
      { file: 'packages/core/src/deep/a.ts', line: 1, text: 'core may not import @coppice/storage' },
    ]);
  });
});

/** Compiles the source with the settings of a package; returns what the compiler printed. */
async function compileAsPartOf(name: string, source: string): Promise<string> {
  plant('planted.ts', source);
  const compilerOptions = { composite: false, declaration: false, noEmit: true, rootDir: '.', tsBuildInfoFile: null };
  const config = {
    extends: join(root, 'packages', name, 'tsconfig.lib.json'),
    compilerOptions,
    include: ['planted.ts'],
  };
  plant('tsconfig.json', JSON.stringify({ ...config, references: [] }));
  const { stdout } = await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

describe('purity by the compiler', () => {
  const impure = {
    'a file system': `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;`,
    'a timer': `setTimeout(() => undefined, 1);`,
    'the environment': `export const x = process.env;`,
    'a console': `console.log('x');`,
    'the network': `export const x = fetch;`,
  };

  for (const name of ['core', 'protocol']) {
    it.each(Object.entries(impure))(`refuses %s in ${name}`, async (_what, source) => {
      expect(await compileAsPartOf(name, source)).toMatch(/^planted\.ts\(1,\d+\): error TS2\d{3}/);
    });
  }

  it('accepts the same in engine, so the refusal comes from the settings', async () => {
    for (const source of Object.values(impure)) expect(await compileAsPartOf('engine', source)).toBe('');
  });

  it('accepts pure code in core', async () => {
    expect(await compileAsPartOf('core', `export const x = [3, 1].toSorted();`)).toBe('');
  });

  it('stays pure beside zod, whose types could bring those of Node', async () => {
    const source = `setTimeout(() => undefined, 1);\nimport { z } from 'zod';\nexport const x = z.string();`;
    expect(await compileAsPartOf('protocol', source)).toMatch(/^planted\.ts\(1,1\): error TS2304.*\n$/);
  });
});
