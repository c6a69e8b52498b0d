/** The files that a definition uses, and those that they use: read before the definition is made of them. */
import { parseDefinitionSource, type DefinitionSource, type FilePath } from './definition-source.ts';
import { isFields, type Fields } from './fields.ts';
import { isOutside, outermostPath, pathProblem, resolveUse, shownPath } from './use-path.ts';

/** Files that one definition may be made of. */
export const FILES_MAX = 100;

/** Characters of all used files together. */
export const CHARS_MAX = 16 * 1024 * 1024;

/** Where used files are read. */
export interface UseOptions {
  /**
   * The text of a file; `path` is relative to the folder of the outermost one, with "/". Rejects with an Error whose message tells a
   * person why the file can not be read.
   */
  readonly read: (path: string) => Promise<string>;
  /** true: files outside of the folder of the outermost one may be used. Default false. */
  readonly allowOutside?: boolean;
}

/** Used files by their paths, and why one of them is not there. */
export interface UsedFiles {
  readonly sources: ReadonlyMap<string, DefinitionSource | { readonly fault: string }>;
  readonly allowOutside: boolean;
  /** false: nothing could be read, because the definition is no file. */
  readonly canRead: boolean;
}

export const NO_FILES: UsedFiles = { sources: new Map(), allowOutside: false, canRead: false };

/** Reads all files that a definition uses. Never rejects: what can not be read is said where it is used. */
export async function readUsedFiles(text: string, file: string, options: UseOptions): Promise<UsedFiles> {
  const { read, allowOutside = false } = options;
  const sources = new Map<string, DefinitionSource | { readonly fault: string }>();
  const files: UsedFiles = { sources, allowOutside, canRead: true };
  if (!/\buse\b/.test(text)) return files;
  const outermost = outermostPath(file);
  let chars = 0;
  const waiting = usedBy(outermost, parseDefinitionSource(text, file).value, allowOutside);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path === outermost || sources.has(path)) continue;
    if (sources.size >= FILES_MAX) {
      sources.set(path, { fault: `This definition is made of more than ${FILES_MAX} files. Take some together.` });
      break;
    }
    try {
      const inner = await read(path);
      chars += inner.length;
      if (chars > CHARS_MAX) {
        sources.set(path, {
          fault: `The used files have more than ${CHARS_MAX} characters together. Create large trees with tasks.create.`,
        });
        break;
      }
      const source = parseDefinitionSource(inner, shownPath(file, path));
      sources.set(path, source);
      waiting.push(...usedBy(path, source.value, allowOutside));
    } catch (error) {
      sources.set(path, { fault: error instanceof Error ? error.message : String(error) });
    }
  }
  return files;
}

/** Files that the tasks of a file name, the last first. */
function usedBy(file: string, value: unknown, allowOutside: boolean): string[] {
  return usesIn(value)
    .flatMap(({ use }) => (pathProblem(use) === undefined ? [resolveUse(file, use)] : []))
    .filter((path) => allowOutside || !isOutside(path))
    .toReversed();
}

/** A `use` of a file, at its place. */
export interface Use {
  readonly use: string;
  readonly path: FilePath;
}

/** The texts under `use` in a definition, in the order of the file. */
export function usesIn(value: unknown): readonly Use[] {
  const found: Use[] = [];
  const stack: { readonly tasks: unknown; readonly path: FilePath }[] = [];
  const push = (fields: Fields, field: 'tasks' | 'children', path: FilePath): void => {
    if (fields[field] !== undefined) stack.push({ tasks: fields[field], path: [...path, field] });
  };
  if (isFields(value)) push(value, 'tasks', []);
  for (let members = stack.pop(); members !== undefined; members = stack.pop()) {
    const { tasks, path } = members;
    const entries: (readonly [string | number, unknown])[] = Array.isArray(tasks)
      ? [...tasks.entries()]
      : isFields(tasks)
        ? Object.entries(tasks)
        : [];
    for (const [key, task] of entries) {
      if (!isFields(task)) continue;
      if (typeof task['use'] === 'string') found.push({ use: task['use'], path: [...path, key, 'use'] });
      push(task, 'children', [...path, key]);
    }
  }
  return found;
}
