/**
 * Questions about the relative imports among the files of one package.
 */
import { posix } from 'node:path';
import type { ModuleImport } from './imports.ts';
import type { SourceFile } from './workspace.ts';

/** The files that are loaded when `from` are loaded, themselves included. */
export function listReachable(from: readonly SourceFile[], files: readonly SourceFile[]): SourceFile[] {
  const seen = new Set(from);
  for (const file of seen) {
    for (const next of listNeighbours(file, files, (imported) => imported.kind === 'static')) seen.add(next);
  }
  return [...seen];
}

/** The paths of one circle of imports with its first repeated at the end, or nothing. Types count. */
export function findCycle(files: readonly SourceFile[]): string[] {
  const done = new Set<SourceFile>();
  const path: SourceFile[] = [];
  const visit = (file: SourceFile): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].map((each) => each.path);
    if (done.has(file)) return [];
    path.push(file);
    for (const next of listNeighbours(file, files, () => true)) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of files) {
    const cycle = visit(file);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function listNeighbours(
  file: SourceFile,
  files: readonly SourceFile[],
  isWanted: (imported: ModuleImport) => boolean,
): SourceFile[] {
  const targets = new Set(
    file.imports
      .filter((imported) => imported.specifier.startsWith('.') && isWanted(imported))
      .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier)),
  );
  return files.filter(({ path }) => targets.has(path));
}
