import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExtensionRegistry } from './create-extension-registry.ts';
import type { ExtensionErrorCode } from './extension-error.ts';
import { manifestOf, plant, sound, withManifest } from './planted-extension.fixture.ts';

let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(path.join(os.tmpdir(), 'coppice-refusals-'));
});

afterAll(async () => {
  await rm(baseDir, { recursive: true });
});

type Refusal = [
  file: string,
  planted: { readonly source: string; readonly code: ExtensionErrorCode; readonly message: RegExp },
];

describe('extensions that are refused (R-TV-10)', () => {
  it.each<Refusal>([
    [
      'no-manifest',
      {
        source: 'export const mainfest = {}; export default 1;',
        code: 'extension/invalid-manifest',
        message: /exports no "manifest" \(it exports "default", "mainfest"\)/,
      },
    ],
    [
      'no-name',
      {
        source: withManifest({ name: '' }),
        code: 'extension/invalid-manifest',
        message: /name: must NOT have fewer than 1 characters/,
      },
    ],
    [
      'extra',
      {
        source: withManifest({ licence: 'MIT' }),
        code: 'extension/invalid-manifest',
        message: /unknown property 'licence'/,
      },
    ],
    [
      'version',
      {
        source: withManifest({ version: 'one' }),
        code: 'extension/invalid-manifest',
        message: /version "one", which is no semantic version/,
      },
    ],
    [
      'range',
      {
        source: withManifest({ api: 'newest' }),
        code: 'extension/invalid-manifest',
        message: /api "newest", which is no semver range/,
      },
    ],
    [
      'no-module',
      {
        source: `export const manifest = ${JSON.stringify(manifestOf('bad'))};`,
        code: 'extension/invalid-manifest',
        message: /exports no "module"/,
      },
    ],
    [
      'future',
      {
        source: withManifest({ api: '^2.0.0' }),
        code: 'extension/incompatible',
        message: /works with the extension API \^2\.0\.0, but this Coppice has 1\.0\.0/,
      },
    ],
    [
      'category',
      {
        source: withManifest({ contributes: ['executer'] }),
        code: 'extension/unknown-category',
        message: /"executer"; did you mean 'executor'\?/,
      },
    ],
    [
      'undeclared',
      {
        source: withManifest({}, `({ bind }) => { bind(Symbol.for('coppice.Hook')).toConstantValue({ name: 'x' }) }`),
        code: 'extension/unknown-category',
        message: /category "hook", which its manifest does not declare/,
      },
    ],
    [
      'token',
      {
        source: withManifest({}, `({ bind }) => { bind(Symbol.for('coppice.Executer')).toConstantValue({}) }`),
        code: 'extension/unknown-category',
        message: /unknown token "coppice\.Executer"; did you mean 'coppice\.Executor'\?/,
      },
    ],
    [
      'no-type',
      {
        source: withManifest({}, `({ bind }) => { bind(Symbol.for('coppice.Executor')).toConstantValue({}) }`),
        code: 'extension/invalid-contribution',
        message: /"type" must be a non-empty string/,
      },
    ],
    [
      'no-execute',
      {
        source: withManifest(
          {},
          `({ bind }) => { bind(Symbol.for('coppice.Executor')).toConstantValue({ type: 'x' }) }`,
        ),
        code: 'extension/invalid-contribution',
        message: /"x" has no function "execute"/,
      },
    ],
    [
      'no-effects',
      {
        source: withManifest(
          {},
          `({ bind }) => { bind(Symbol.for('coppice.Executor')).toConstantValue({ type: 'x', execute() {} }) }`,
        ),
        code: 'extension/invalid-contribution',
        message: /"effects" as one of pure, recorded, external, not undefined/,
      },
    ],
    ...(
      [
        [
          'hook-misspelt',
          `{ name: 'h', beforeAtempt() {} }`,
          /unknown member "beforeAtempt"; did you mean 'beforeAttempt'/,
        ],
        ['hook-unknown', `{ name: 'h', onEnd() {} }`, /"h" has the unknown member "onEnd"\. A hook can have: before/],
        ['hook-class', `new (class { name = 'h'; runEnd() {} })()`, /unknown member "runEnd"; did you mean 'runEnded'/],
        ['hook-value', `{ name: 'h', runEnded: true }`, /"runEnded" of "h" must be a function/],
        ['hook-order', `{ name: 'h', order: '1', runEnded() {} }`, /"order" of "h" must be a number/],
      ] as const
    ).map(([file, hook, message]): Refusal => {
      const source = withManifest(
        { contributes: ['hook'] },
        `({ bind }) => { bind(Symbol.for('coppice.Hook')).toConstantValue(${hook}) }`,
      );
      return [file, { source, code: 'extension/invalid-contribution', message }];
    }),
    [
      'executor-misspelt',
      {
        source: withManifest(
          {},
          `({ bind }) => { bind(Symbol.for('coppice.Executor')).toConstantValue({ type: 'x', effects: 'pure', execute() {}, onCrsh: 'fail' }) }`,
        ),
        code: 'extension/invalid-contribution',
        message: /unknown member "onCrsh"; did you mean 'onCrash'/,
      },
    ],
    [
      'bad-schema',
      {
        source: withManifest(
          {},
          `({ bind }) => { bind(Symbol.for('coppice.Executor')).toConstantValue({ type: 'x', effects: 'pure', execute() {}, input: { type: 'txt' } }) }`,
        ),
        code: 'extension/invalid-contribution',
        message: /the input schema of "x" is no JSON Schema/,
      },
    ],
    [
      'twice',
      {
        source: withManifest(
          {},
          `({ bind }) => { for (const i of [1, 2]) bind(Symbol.for('coppice.Executor')).toConstantValue({ type: 'x', effects: 'pure', execute() {} }) }`,
        ),
        code: 'extension/duplicate',
        message: /contributes executor "x" twice/,
      },
    ],
    [
      'throws-at-import',
      { source: `throw new Error('boom at import')`, code: 'extension/failed', message: /boom at import/ },
    ],
    ['throws-a-string', { source: `throw 'plain text'`, code: 'extension/failed', message: /plain text/ }],
    ['syntax', { source: `export const = 1`, code: 'extension/failed', message: /failed while it was loaded/ }],
    [
      'throws-at-load',
      {
        source: withManifest({}, `() => { throw new Error('boom at load') }`),
        code: 'extension/failed',
        message: /boom at load/,
      },
    ],
    [
      'rejects-at-load',
      {
        source: withManifest({}, `async () => { throw new Error('boom at load') }`),
        code: 'extension/failed',
        message: /boom at load/,
      },
    ],
    [
      'throws-at-activation',
      {
        source: withManifest(
          {},
          `({ bind }) => { bind(Symbol.for('coppice.Executor')).toResolvedValue(() => { throw new Error('boom at activation') }) }`,
        ),
        code: 'extension/failed',
        message: /boom at activation/,
      },
    ],
    [
      'missing-import',
      { source: `import 'not-installed-anywhere';`, code: 'extension/failed', message: /not-installed-anywhere/ },
    ],
    [
      'hangs',
      { source: 'await new Promise(() => {});', code: 'extension/timeout', message: /was not ready after 500 ms/ },
    ],
    [
      'hangs-at-load',
      {
        source: withManifest({}, `() => new Promise(() => {})`),
        code: 'extension/timeout',
        message: /was not ready after 500 ms/,
      },
    ],
  ])('%s', async (file, { source, code, message }) => {
    const planted = await plant(baseDir, `bad/${file}.mjs`, source);
    const good = await plant(baseDir, 'bad/good.mjs', sound('good', 'good'));
    const registry = createExtensionRegistry({ baseDir, loadTimeoutMs: 500 });
    const answers = await registry.loadAll([{ source: planted }, { source: good }]);
    expect(answers).toMatchObject([
      { source: planted, status: 'failed', errorCode: code, contributions: [] },
      { status: 'loaded' },
    ]);
    expect(answers[0]!.error).toMatch(message);
    expect(registry.listExecutors().map(({ type }) => type)).toEqual(['good']);
    expect(registry.extensions).toEqual([answers[1], answers[0]]);
    await expect(registry.load(planted)).rejects.toMatchObject({ name: 'ExtensionError', code });
  });

  it.each([
    ['not-installed', /was not found from .*; install it there \(npm install not-installed\)/],
    ['./absent.mjs', /absent\.mjs does not exist/],
    ['.', /is not a file; name its entry file/],
  ])('a source there is not: %s', async (source, message) => {
    const [failed] = await createExtensionRegistry({ baseDir }).loadAll([{ source }]);
    expect(failed).toMatchObject({ status: 'failed', errorCode: 'extension/not-found', manifest: { name: source } });
    expect(failed!.error).toMatch(message);
  });
});
