/** Finds and imports an extension's module by package name, path or URL. */
import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { moduleResolve } from 'import-meta-resolve';
import { ExtensionError } from './extension-error.ts';

/** Imports the module of a source. Throws `extension/not-found`, or what its code threw. */
export type ImportExtension = (source: string) => Promise<unknown>;

/** Package names and relative paths are resolved from `baseDir`. A file that changed since it was first asked for is imported anew. */
export function createImportExtension(baseDir: string): ImportExtension {
  const firstModifiedMs = new Map<string, number>();
  return async (source) => {
    if (!isPath(source)) return importUrl(resolvePackage(source, baseDir));
    const { url, modifiedMs } = locateFile(source, baseDir);
    const first = firstModifiedMs.get(url) ?? modifiedMs;
    firstModifiedMs.set(url, first);
    return importUrl(first === modifiedMs ? url : `${url}?modified=${modifiedMs}`);
  };
}

async function importUrl(url: string): Promise<unknown> {
  const exports: unknown = await import(url);
  return exports;
}

function isPath(source: string): boolean {
  return source.startsWith('.') || source.startsWith('file:') || isAbsolute(source);
}

function locateFile(source: string, baseDir: string): { readonly url: string; readonly modifiedMs: number } {
  const path = source.startsWith('file:') ? fileURLToPath(source) : resolve(baseDir, source);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) {
    const problem = stats === undefined ? 'does not exist' : 'is not a file';
    throw new ExtensionError(
      'extension/not-found',
      `Extension "${source}" was not found: ${path} ${problem}; name its entry file`,
    );
  }
  return { url: pathToFileURL(path).href, modifiedMs: stats.mtimeMs };
}

/** Looks in the project first, so that its own version wins; then beside this package, where the built-in ones are. */
function resolvePackage(name: string, baseDir: string): string {
  try {
    return moduleResolve(name, pathToFileURL(join(baseDir, 'package.json')), exportConditions()).href;
  } catch (cause) {
    const code = (cause as { readonly code?: string }).code;
    if (code !== 'ERR_MODULE_NOT_FOUND') {
      const message = `Extension "${name}" can not be resolved from ${baseDir}: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new ExtensionError('extension/not-found', message, { cause });
    }
  }
  try {
    return moduleResolve(name, new URL(import.meta.url), exportConditions()).href;
  } catch (cause) {
    const message = `Extension "${name}" was not found from ${baseDir}; install it there (npm install ${name}) or name a path that starts with "./"`;
    throw new ExtensionError('extension/not-found', message, { cause });
  }
}

/** The conditions of `exports` that this process resolves with. */
function exportConditions(): Set<string> {
  const { values } = parseArgs({
    args: process.execArgv,
    options: { conditions: { type: 'string', short: 'C', multiple: true } },
    strict: false,
  });
  const own = (values.conditions ?? []).filter((value) => typeof value === 'string');
  return new Set(['node', 'import', ...own]);
}
