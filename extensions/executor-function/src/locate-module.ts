/** Finds the module that a task names. */
import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TerminalError } from '@coppice/extension';
import { moduleResolve } from 'import-meta-resolve';
import type { FunctionInput } from './function-input.ts';

/** Answers the URL to import; a file that changed since it was first asked for gets another URL, so that it is imported anew. */
export type LocateModule = (input: LocatedInput) => string;

/** Also answers the absolute folder that relative paths and package names start from. */
type LocatedInput = FunctionInput & { readonly baseDir: string };

export function createLocateModule(): LocateModule {
  const firstModifiedMs = new Map<string, number>();
  return (input) => {
    const url = resolveModule(input);
    if (!url.startsWith('file:')) return url;
    const stats = statSync(fileURLToPath(url), { throwIfNoEntry: false });
    if (stats?.isFile() !== true) throw notFound(input, `${fileURLToPath(url)} is no file`);
    const first = firstModifiedMs.get(url);
    if (first === undefined) firstModifiedMs.set(url, stats.mtimeMs);
    return first === undefined || first === stats.mtimeMs ? url : `${url}?modified=${stats.mtimeMs}`;
  };
}

function resolveModule(input: LocatedInput): string {
  const { module, baseDir } = input;
  if (module.startsWith('file:')) return module;
  if (module.startsWith('.') || isAbsolute(module)) return pathToFileURL(resolve(baseDir, module)).href;
  try {
    return moduleResolve(module, pathToFileURL(join(resolve(baseDir), 'package.json')), new Set(['node', 'import']))
      .href;
  } catch (cause) {
    throw notFound(
      input,
      `no such package in ${resolve(baseDir)} (${cause instanceof Error ? cause.message : String(cause)})`,
    );
  }
}

function notFound({ module }: FunctionInput, where: string): TerminalError {
  return new TerminalError(
    `Module "${module}" was not found: ${where}; a path starts with "./" and is relative to "baseDir", by default the folder of the definition`,
    {
      code: 'function/module-not-found',
    },
  );
}
