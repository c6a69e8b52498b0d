/** Reads the files that a definition uses. None of them leads out of its folder, by ".." or by a link, unless a person says so. */
import type { UseOptions } from '@coppice/definition';
import { realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../output/report-error.ts';
import { readFileText } from './read-text.ts';

/** `--use-outside`, in commander's form. */
export interface UseOutsideOption {
  readonly useOutside?: boolean;
}

/** How the files that a definition uses are read; `file`: the definition, `-` for standard input. */
export function usedFilesOf(file: string, { useOutside = false }: UseOutsideOption): UseOptions {
  const folder = file === '-' ? process.cwd() : dirname(resolve(file));
  return {
    allowOutside: useOutside,
    async read(path) {
      const full = join(folder, path);
      const text = await readFileText(full, `There is no file ${full}.`);
      if (!useOutside) await refuseLinkOut(full, folder);
      return text;
    },
  };
}

async function refuseLinkOut(file: string, folder: string): Promise<void> {
  const [target, root] = await Promise.all([realpath(file), realpath(folder)]);
  const path = relative(root, target);
  if (path.split(sep)[0] !== '..' && resolve(root, path) === join(root, path)) return;
  throw new UsageError(
    `${file} is a link to ${target}, outside of ${root}. Copy the file, or allow it: --use-outside.`,
  );
}
