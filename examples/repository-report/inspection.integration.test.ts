import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listLicences, listRepeated, measurePackages } from './dependencies.ts';
import { countArea, measureSources, sumLanguages } from './files.ts';

let root: string;

async function plant(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'coppice-inspection-'));
  await plant('packages/one/src/a.ts', 'const a = 1;\n\nexport { a };\n');
  await plant('packages/one/src/a.test.ts', 'test();\n');
  await plant('packages/one/package.json', '{}');
  await plant('packages/one/logo.png', 'not counted');
  await plant('packages/one/node_modules/x/index.ts', 'not counted\n');
  await plant('packages/two/src/b.ts', 'export {};\n');
  await plant('package-lock.json', JSON.stringify(lockfile));
  await plant('node_modules/plain/package.json', '{"license":"MIT"}');
  await plant('node_modules/silent/package.json', '{}');
  await plant('node_modules/@scope/big/data', 'x'.repeat(1000));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

const lockfile = {
  packages: {
    '': { name: 'here', license: 'MIT', version: '1.0.0' },
    'packages/one': { version: '0.1.0', license: 'MIT' },
    'node_modules/one': { resolved: 'packages/one', link: true },
    'node_modules/plain': { version: '1.0.0' },
    'node_modules/silent': { version: '1.0.0', dev: true },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
    'node_modules/@scope/big': { version: '10.0.0', license: 'ISC', hasInstallScript: true },
    'node_modules/plain/node_modules/@scope/big': { version: '9.0.0', license: 'ISC', hasInstallScript: true },
  },
};

describe('files', () => {
  it('counts text files by language, and tests apart', async () => {
    expect(await countArea({ root, area: 'packages' })).toEqual({
      area: 'packages',
      files: 4,
      lines: 6,
      testLines: 1,
      languages: [
        { language: 'TypeScript', files: 3, lines: 5, blankLines: 1 },
        { language: 'JSON', files: 1, lines: 1, blankLines: 0 },
      ],
    });
  });

  it('finds nothing in a folder that is not there', async () => {
    expect(await countArea({ root, area: 'nothing' })).toMatchObject({ files: 0, lines: 0, languages: [] });
  });

  it('adds the languages of areas up', () => {
    const languages = [{ language: 'JSON', files: 1, lines: 2, blankLines: 0 }];
    const area = { area: 'a', files: 1, lines: 2, testLines: 0, languages };
    expect(sumLanguages([area, area])).toEqual([{ language: 'JSON', files: 2, lines: 4, blankLines: 0 }]);
  });

  it('measures source files without tests', async () => {
    expect(await measureSources({ root })).toEqual({
      files: 2,
      medianLines: 1,
      p90Lines: 1,
      longest: [
        { file: 'packages/one/src/a.ts', lines: 3 },
        { file: 'packages/two/src/b.ts', lines: 1 },
      ],
    });
  });
});

describe('dependencies', () => {
  it('takes licences from the lockfile, else from what is installed', async () => {
    expect(await listLicences({ root })).toEqual({
      packages: 5,
      forDevelopment: 1,
      withInstallScript: ['@scope/big'],
      notInstalled: 1,
      byLicence: [
        { licence: 'ISC', packages: 2, examples: ['@scope/big'] },
        { licence: 'MIT', packages: 1, examples: ['plain'] },
        { licence: 'unknown', packages: 1, examples: ['silent'] },
      ],
    });
  });

  it('names packages in several versions, the lowest first', async () => {
    expect(await listRepeated({ root })).toEqual([{ name: '@scope/big', versions: ['9.0.0', '10.0.0'] }]);
  });

  it('measures what is installed and tells how far it is', async () => {
    const told: string[] = [];
    const footprint = await measurePackages(
      { root },
      { progress: (fraction, message) => told.push(`${Math.round(fraction * 100)} ${message}`) },
    );
    expect(footprint).toMatchObject({ files: 3, largest: [{ name: '@scope/big', bytes: 1000 }, {}, {}] });
    expect(told.at(-1)).toMatch(/^100 /);
    expect(await measurePackages({ root: path.join(root, 'packages') }, { progress: () => undefined })).toEqual({
      totalBytes: 0,
      files: 0,
      largest: [],
    });
  });
});
