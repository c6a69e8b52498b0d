import { describe, expect, it } from 'vitest';
import { findViolations } from './find-violations.ts';
import { listImports } from './imports.ts';
import type { SourceFile, Workspace } from './workspace.ts';

/** Plants the sources under `room/name/src/` and returns what the rules say about them. */
function plant(place: string, sources: Record<string, string>, dependencies: string[] = []): string[] {
  const [room = '', name = ''] = place.split('/');
  const files: SourceFile[] = Object.entries(sources).map(([file, source]) => {
    const path = `${place}/src/${file}`;
    return { path, isTest: file.endsWith('.test.ts'), imports: listImports(path, source) };
  });
  const workspace: Workspace =
    room === 'tools'
      ? { members: [], outsiders: files }
      : {
          members: [{ room, name, dependencies, doors: ['@coppice/client', '@coppice/client/stdio'], files }],
          outsiders: [],
        };
  return findViolations(workspace).map(({ file, line, text }) => `${file}:${line} ${text}`);
}

describe('arrows between packages', () => {
  it('accepts what the table names', () => {
    expect(plant('packages/engine', { 'a.ts': `import { decide } from '@coppice/core';` }, ['@coppice/core'])).toEqual(
      [],
    );
  });

  it.each([
    ['import', `import { x } from '@coppice/engine';`],
    ['type import', `import type { X } from '@coppice/engine';`],
    ['re-export', `export * from '@coppice/engine';`],
    ['dynamic import', `const x = await import('@coppice/engine');`],
    ['import type node', `type X = import('@coppice/engine').X;`],
    ['require', `const x = require('@coppice/engine');`],
  ])('refuses a wrong arrow written as %s', (_form, source) => {
    expect(plant('packages/core', { 'a.ts': `// first line\n${source}` })).toEqual([
      'packages/core/src/a.ts:2 core may not import @coppice/engine',
    ]);
  });

  it('is not fooled by the word import in a text or a comment', () => {
    const source = `// import { x } from '@coppice/engine';\nexport const text = "import '@coppice/engine'";`;
    expect(plant('packages/core', { 'a.ts': source })).toEqual([]);
  });

  it('refuses a wrong arrow in a manifest', () => {
    expect(plant('packages/protocol', {}, ['@coppice/core', 'zod'])).toEqual([
      'packages/protocol/package.json:1 protocol may not depend on @coppice/core',
    ]);
  });

  it('refuses a package that the table does not know', () => {
    expect(plant('packages/common', {})).toEqual([
      'packages/common/package.json:1 common has no row in the table of arrows',
    ]);
  });

  it('lets an extension see the package for authors and nothing else', () => {
    const sources = { 'a.ts': `import '@coppice/extension';\nimport '@coppice/core';\nimport '@coppice/engine';` };
    expect(plant('extensions/executor-command', sources)).toEqual([
      'extensions/executor-command/src/a.ts:2 executor-command may not import @coppice/core',
      'extensions/executor-command/src/a.ts:3 executor-command may not import @coppice/engine',
    ]);
  });

  it('lets only tests use the test tools', () => {
    const source = `import '@coppice/testkit';\nimport 'vitest';\nimport 'fast-check';`;
    expect(plant('packages/core', { 'a.test.ts': source })).toEqual([]);
    expect(plant('packages/core', { 'a.ts': source })).toEqual([
      'packages/core/src/a.ts:1 core may not import @coppice/testkit',
      'packages/core/src/a.ts:2 only tests may import vitest',
      'packages/core/src/a.ts:3 only tests may import fast-check',
    ]);
  });
});

describe('doors', () => {
  it('refuses a deep specifier, also from a test or a tool', () => {
    const source = `import '@coppice/core/src/run/decide.ts';`;
    const text = 'reaches behind a door: @coppice/core/src/run/decide.ts';
    expect(plant('packages/engine', { 'a.test.ts': source })).toEqual([`packages/engine/src/a.test.ts:1 ${text}`]);
    expect(plant('tools/bench', { 'a.ts': source })).toEqual([`tools/bench/src/a.ts:1 ${text}`]);
  });

  it('accepts a side door that a manifest exports, but only along an arrow', () => {
    const source = `import '@coppice/client/stdio';`;
    expect(plant('packages/cli', { 'a.ts': source })).toEqual([]);
    expect(plant('packages/core', { 'a.ts': source })).toEqual([
      'packages/core/src/a.ts:1 core may not import @coppice/client/stdio',
    ]);
  });

  it('refuses a relative path into another package', () => {
    const sources = { 'a.ts': `import '../../core/src/index.ts';` };
    expect(plant('packages/engine', sources)).toEqual([
      'packages/engine/src/a.ts:1 reaches into another package: ../../core/src/index.ts',
    ]);
  });

  it('refuses a relative path out of the package', () => {
    expect(plant('packages/engine', { 'a.ts': `import '../../../tools/x.ts';` })).toEqual([
      'packages/engine/src/a.ts:1 leaves its package: ../../../tools/x.ts',
    ]);
  });
});

describe('purity', () => {
  it.each(['node:fs', 'fs'])('refuses the built-in %s in core', (specifier) => {
    expect(plant('packages/core', { 'a.ts': `import '${specifier}';` })).toEqual([
      `packages/core/src/a.ts:1 core is pure and may not import ${specifier}`,
    ]);
  });
});

describe('lazy packages', () => {
  const serve = `import { startServer } from '@coppice/server';`;

  it('refuses a server that loads with the command line', () => {
    const sources = { 'main.ts': `import './commands.ts';`, 'commands.ts': `import './serve.ts';`, 'serve.ts': serve };
    expect(plant('packages/cli', sources)).toEqual([
      'packages/cli/src/serve.ts:1 cli must import @coppice/server lazily',
    ]);
  });

  it('accepts a server that loads when its command runs', () => {
    const sources = { 'main.ts': `const load = () => import('./serve.ts');`, 'serve.ts': serve };
    expect(plant('packages/cli', sources)).toEqual([]);
  });
});

describe('cycles inside core', () => {
  it('names the circle', () => {
    const sources = {
      'a.ts': `import './b.ts';`,
      'b.ts': `import type { C } from './deep/c.ts';`,
      'deep/c.ts': `export * from '../b.ts';`,
    };
    expect(plant('packages/core', sources)).toEqual([
      'packages/core/src/b.ts:1 import cycle: packages/core/src/b.ts -> packages/core/src/deep/c.ts -> packages/core/src/b.ts',
    ]);
  });

  it('accepts a diamond', () => {
    const sources = { 'a.ts': `import './b.ts';\nimport './c.ts';`, 'b.ts': `import './c.ts';`, 'c.ts': '' };
    expect(plant('packages/core', sources)).toEqual([]);
  });
});

describe('a file that does not parse', () => {
  it('is an error, not a clean file', () => {
    expect(() => listImports('a.ts', 'import {')).toThrow('a.ts');
  });
});
