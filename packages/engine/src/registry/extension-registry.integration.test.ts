import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Contribution, type Executor, type Hook } from '@coppice/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExtensionRegistry } from './create-extension-registry.ts';
import type { ExtensionModule } from '@coppice/core';
import { executorOf, extension, plant as plantIn, sound, withExecutor } from './planted-extension.fixture.ts';
import { compileValueSchema } from './value-schema.ts';

let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(path.join(os.tmpdir(), 'coppice-registry-'));
});

afterAll(async () => {
  await rm(baseDir, { recursive: true });
});

const plant = (file: string, source: string): Promise<string> => plantIn(baseDir, file, source);

describe('the real extensions (R-TV-10)', () => {
  const names = ['aggregate', 'command', 'delay', 'function', 'http', 'system-info'];

  it('load into the real container and are listed by type', async () => {
    const registry = createExtensionRegistry();
    const root = path.resolve(import.meta.dirname, '../../../../extensions');
    const loaded = await registry.loadAll(
      names.map((name) => ({ source: path.join(root, `executor-${name}/src/index.ts`) })),
    );
    expect(loaded.map(({ error, contributions }) => error ?? contributions)).toEqual(
      names.map((name) => [{ kind: 'executor', name }]),
    );
    expect(registry.listExecutors().map(({ type }) => type)).toEqual(names);
    expect(registry.findExecutor('command')).toMatchObject({ type: 'command', effects: 'external' });
    expect(registry.findExecutor('comand')).toBeUndefined();
    for (const { input, example, onCrash } of registry.listExecutors()) {
      expect(compileValueSchema(input!).checkDefinition(example!)).toEqual([]);
      expect(input).toMatchObject({ type: 'object', additionalProperties: false });
      expect(onCrash).toBe('retry');
    }
    await registry.close();
    expect(registry.listExecutors()).toEqual([]);
    expect(registry.extensions).toEqual([]);
  });
});

describe('loading', () => {
  it('finds an extension by package name, path and URL', async () => {
    await plant(
      'node_modules/@someone/executor-mail/package.json',
      '{"name": "@someone/executor-mail", "exports": {"import": "./main.mjs"}}',
    );
    await plant('node_modules/@someone/executor-mail/main.mjs', sound('@someone/executor-mail', 'mail'));
    const relative = await plant('relative.mjs', sound('relative', 'relative'));
    await plant('by-url.mjs', sound('by-url', 'by-url'));
    const registry = createExtensionRegistry({ baseDir });
    await registry.load('@someone/executor-mail');
    await registry.load(relative);
    await registry.load(pathToFileURL(path.join(baseDir, 'by-url.mjs')).href);
    expect(registry.extensions).toMatchObject([
      { source: '@someone/executor-mail', status: 'loaded', contributions: [{ kind: 'executor', name: 'mail' }] },
      { source: './relative.mjs', manifest: { name: 'relative', version: '1.0.0' } },
      { manifest: { name: 'by-url' } },
    ]);
  });

  it('finds every category, hooks ordered by order and then name', async () => {
    const hook = (name: string, order?: number): Hook => ({ name, ...(order === undefined ? {} : { order }) });
    const registry = createExtensionRegistry();
    await registry.load(
      extension(
        'everything',
        ({ bind }) => {
          for (const value of [hook('late', 5), hook('b'), hook('a'), hook('early', -1)])
            bind(Contribution.Hook).toConstantValue(value);
          bind(Contribution.StoreFactory).toConstantValue({ name: 'void', create: () => ({}) });
          bind(Contribution.Backoff).toConstantValue({ name: 'square', delayMs: (failed: number) => failed ** 2 });
        },
        { contributes: ['hook', 'store', 'backoff'] },
      ),
    );
    expect(registry.listHooks().map(({ name }) => name)).toEqual(['early', 'a', 'b', 'late']);
    expect(registry.listStores().map(({ name }) => name)).toEqual(['void']);
    expect(registry.backoffs.get('square')?.(3, 'x')).toBe(9);
  });

  it('lets an extension inject its own services', async () => {
    const Greeting = Symbol('own.Greeting');
    const registry = createExtensionRegistry();
    await registry.load(
      extension('injects', ({ bind }) => {
        bind<string>(Greeting).toConstantValue('hello');
        bind<Executor>(Contribution.Executor).toResolvedValue(
          (greeting: string) => executorOf('greet', { execute: () => greeting }),
          [Greeting],
        );
      }),
    );
    expect(registry.findExecutor('greet')?.execute({}, {} as never)).toBe('hello');
  });

  it('imports a file that was changed again', async () => {
    const registry = createExtensionRegistry({ baseDir });
    const source = await plant('changing.mjs', 'export const manifest = {};');
    await expect(registry.load(source)).rejects.toMatchObject({ code: 'extension/invalid-manifest' });
    await rm(path.join(baseDir, 'changing.mjs'));
    await plant('changing.mjs', sound('changing', 'changing'));
    expect(await registry.load(source)).toMatchObject({ status: 'loaded' });
  });
});

describe('duplicates', () => {
  it.each<[string, ExtensionModule, RegExp]>([
    [
      'the same extension',
      withExecutor('first', executorOf('other')),
      /"first" 1\.2\.3 \(\(module\)\) is loaded already/,
    ],
    [
      'the same executor type',
      withExecutor('second', executorOf('shout')),
      /executor "shout" is contributed by "first" 1\.2\.3/,
    ],
    [
      'the same hook name',
      extension('second', ({ bind }) => void bind(Contribution.Hook).toConstantValue({ name: 'audit' })),
      /hook "audit" is contributed by "first"/,
    ],
  ])('%s twice', async (_, second, message) => {
    const registry = createExtensionRegistry();
    const first = extension('first', ({ bind }) => {
      bind(Contribution.Executor).toConstantValue(executorOf('shout'));
      bind(Contribution.Hook).toConstantValue({ name: 'audit' });
    });
    await registry.load(first);
    const before = registry.extensions;
    await expect(registry.load(second)).rejects.toMatchObject({
      code: 'extension/duplicate',
      message: expect.stringMatching(message),
    });
    expect(registry.extensions).toEqual(before);
  });
});

describe('replacing and unloading', () => {
  it('replaces on request, and the old one is really gone', async () => {
    const closed: string[] = [];
    const registry = createExtensionRegistry();
    await registry.load(
      extension('old', ({ bind, onDeactivation }) => {
        bind(Contribution.Executor).toConstantValue(executorOf('a', { close: () => void closed.push('a') }));
        bind<Executor>(Contribution.Executor)
          .toResolvedValue(() => executorOf('b', { close: () => void closed.push('b') }))
          .inSingletonScope();
        onDeactivation(Contribution.Executor, () => void closed.push('deactivated'));
      }),
    );
    const fresh = executorOf('a');
    await registry.load(withExecutor('new', fresh), { override: true });
    expect(registry.findExecutor('a')).toBe(fresh);
    expect(registry.findExecutor('b')).toBeUndefined();
    expect(registry.extensions.map(({ manifest }) => manifest.name)).toEqual(['new']);
    expect(closed).toEqual(['a', 'b', 'deactivated', 'deactivated']);
  });

  it('keeps the old one when the new one is unsound', async () => {
    const old = executorOf('a');
    const registry = createExtensionRegistry();
    await registry.load(withExecutor('ext', old));
    const broken = extension('ext', () => {
      throw new Error('boom');
    });
    await expect(registry.load(broken, { override: true })).rejects.toMatchObject({ code: 'extension/failed' });
    expect(registry.findExecutor('a')).toBe(old);
  });

  it('does not close an executor that the reloaded module still contributes', async () => {
    let closed = 0;
    const registry = createExtensionRegistry();
    const module = withExecutor('ext', executorOf('a', { close: () => void (closed += 1) }));
    await registry.load(module);
    await registry.load(module, { override: true });
    expect(closed).toBe(0);
    await registry.close();
    expect(closed).toBe(1);
  });

  it('closes executors, even one that fails to, and can load them again', async () => {
    const registry = createExtensionRegistry();
    const failing = executorOf('a', { close: () => Promise.reject(new Error('will not')) });
    await registry.load(withExecutor('ext', failing));
    await registry.close();
    expect(registry.findExecutor('a')).toBeUndefined();
    expect(await registry.load(withExecutor('ext', failing))).toMatchObject({ status: 'loaded' });
  });

  it('forgets a failure once the source loads', async () => {
    const registry = createExtensionRegistry({ baseDir });
    await registry.loadAll([{ source: './later.mjs' }]);
    expect(registry.extensions).toMatchObject([{ status: 'failed' }]);
    await registry.load(await plant('later.mjs', sound('later', 'later')));
    expect(registry.extensions).toMatchObject([{ status: 'loaded' }]);
  });

  it('carries out concurrent changes one after the other', async () => {
    const registry = createExtensionRegistry();
    const results = await Promise.allSettled([1, 2, 3].map(() => registry.load(withExecutor('ext', executorOf('a')))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});
