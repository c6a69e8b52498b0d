/** Checks an extension's exports before any of its code is run. */
import {
  API_VERSION,
  createSuggest,
  didYouMean,
  type ContributionKind,
  type ExtensionManifest,
  type ExtensionModule,
  type Json,
  type JsonObject,
} from '@coppice/core';
import semver from 'semver';
import { compileValueSchema } from './value-schema.ts';
import { ExtensionError } from './extension-error.ts';

/** All categories, in the order in which messages list them. */
export const contributionKinds: readonly ContributionKind[] = [
  'executor',
  'hook',
  'store',
  'backoff',
  'merge',
  'signal',
  'observer',
];

/** The schema is compiled when the first extension is loaded, so that a program without extensions need not wait for it. */
const MANIFEST_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    version: { type: 'string' },
    api: { type: 'string' },
    description: { type: 'string' },
    contributes: { type: 'array', items: { type: 'string' }, uniqueItems: true },
  },
  required: ['name', 'version', 'api', 'contributes'],
  additionalProperties: false,
};

/** Answers the exports when manifest and module are sound and made for this version of Coppice; throws an ExtensionError otherwise. */
export async function checkExtensionModule(exports: unknown, source: string): Promise<ExtensionModule> {
  const { manifest, module } = (exports ?? {}) as { readonly manifest?: unknown; readonly module?: unknown };
  if (manifest === undefined || manifest === null) {
    throw invalid(
      source,
      `exports no "manifest" (it exports ${listNames(exports)}); export what defineExtension of @coppice/extension answers`,
    );
  }
  const result = await compileValueSchema(MANIFEST_SCHEMA).check(JSON.parse(JSON.stringify(manifest)) as Json);
  if (!result.ok) {
    const problems = result.issues.map(({ path, reason }) => [path.join('.'), reason].filter(Boolean).join(': '));
    throw invalid(source, `has an invalid manifest: ${problems.join('; ')}`);
  }
  const checked = result.value as unknown as ExtensionManifest;
  checkVersions(checked, source);
  checkCategories(checked);
  if (typeof (module as { load?: unknown } | undefined)?.load !== 'function') {
    throw invalid(
      source,
      `exports no "module" with a "load" function; export what defineExtension of @coppice/extension answers, or an Inversify ContainerModule as "module"`,
    );
  }
  return { manifest: checked, module: module as ExtensionModule['module'] };
}

function checkVersions(manifest: ExtensionManifest, source: string): void {
  if (semver.valid(manifest.version) === null) {
    throw invalid(source, `has version "${manifest.version}", which is no semantic version such as "1.2.3"`);
  }
  if (semver.validRange(manifest.api) === null) {
    throw invalid(source, `has api "${manifest.api}", which is no semver range such as "^${API_VERSION}"`);
  }
  if (!semver.satisfies(API_VERSION, manifest.api, { includePrerelease: true })) {
    throw new ExtensionError(
      'extension/incompatible',
      `Extension "${manifest.name}" ${manifest.version} works with the extension API ${manifest.api}, but this Coppice has ${API_VERSION}; install a version of it made for ${API_VERSION}`,
    );
  }
}

function checkCategories(manifest: ExtensionManifest): void {
  for (const kind of manifest.contributes) {
    if (contributionKinds.includes(kind)) continue;
    throw new ExtensionError(
      'extension/unknown-category',
      `Extension "${manifest.name}" contributes to the unknown category "${kind}"${didYouMean(createSuggest(contributionKinds)(kind))} There are ${contributionKinds.join(', ')}`,
    );
  }
}

function invalid(source: string, problem: string): ExtensionError {
  return new ExtensionError('extension/invalid-manifest', `Extension "${source}" ${problem}`);
}

function listNames(exports: unknown): string {
  const names = typeof exports === 'object' && exports !== null ? Object.keys(exports).sort() : [];
  return names.length === 0 ? 'nothing' : names.map((name) => `"${name}"`).join(', ');
}
