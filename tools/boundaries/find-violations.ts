/**
 * The import rules of the workspace. Pure: takes what was read, returns what is wrong.
 *
 * 1. A package imports only the doors its row of the table names; its manifest lists only those, too.
 * 2. Nobody reaches behind another package's door, neither by a deep specifier nor by a relative path.
 * 3. Pure packages import no Node built-in, and only testkit and tests import test libraries.
 * 4. Lazy packages are not loaded by importing the main file of the package that uses them.
 * 5. Files inside an acyclic package do not import each other in a circle.
 */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import {
  ACYCLIC_PACKAGES,
  LAZY_ARROWS,
  PURE_PACKAGES,
  SCOPE,
  TEST_LIBRARIES,
  TEST_TOOLS,
  listAllowedArrows,
} from './arrows.ts';
import { findCycle, listReachable } from './import-graph.ts';
import type { ModuleImport } from './imports.ts';
import type { Member, SourceFile, Workspace } from './workspace.ts';

export interface Violation {
  file: string;
  line: number;
  text: string;
}

export function findViolations({ members, outsiders }: Workspace): Violation[] {
  const doors = members.flatMap((member) => member.doors);
  return [
    ...members.flatMap((member) => checkMember(member, doors)),
    ...outsiders.flatMap((file) => checkFile(file, (imported) => explainReachingBehindDoor(file, imported, doors))),
  ];
}

function checkMember(member: Member, doors: readonly string[]): Violation[] {
  const { room, name, files } = member;
  const manifest = `${room}/${name}/package.json`;
  const allowed = listAllowedArrows({ room, name, isTest: false });
  if (allowed === undefined) return [{ file: manifest, line: 1, text: `${name} has no row in the table of arrows` }];
  const declared = member.dependencies
    .filter((dependency) => dependency.startsWith(SCOPE))
    .filter((dependency) => !allowed.includes(dependency.slice(SCOPE.length)))
    .map((dependency) => ({ file: manifest, line: 1, text: `${name} may not depend on ${dependency}` }));
  return [
    ...declared,
    ...files.flatMap((file) =>
      checkFile(
        file,
        (imported) => explainReachingBehindDoor(file, imported, doors) ?? explainForbidden(member, file, imported),
      ),
    ),
    ...checkLazy(member),
    ...checkCycle(member),
  ];
}

function checkFile(file: SourceFile, explain: (imported: ModuleImport) => string | undefined): Violation[] {
  return file.imports.flatMap((imported) => {
    const text = explain(imported);
    return text === undefined ? [] : [{ file: file.path, line: imported.line, text }];
  });
}

function explainReachingBehindDoor(
  { path }: SourceFile,
  { specifier }: ModuleImport,
  doors: readonly string[],
): string | undefined {
  const isDeep = specifier.startsWith(SCOPE) && specifier.split('/').length > 2;
  if (isDeep && !doors.includes(specifier)) return `reaches behind a door: ${specifier}`;
  if (!specifier.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(path), specifier);
  const isInsideRoom = /^(packages|extensions)\//.test(target) || target.startsWith('..');
  return isInsideRoom && homeOf(target) !== homeOf(path) ? `reaches into another package: ${specifier}` : undefined;
}

function homeOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function explainForbidden(member: Member, file: SourceFile, { specifier }: ModuleImport): string | undefined {
  const { room, name } = member;
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), specifier);
    return homeOf(target) === homeOf(file.path) ? undefined : `leaves its package: ${specifier}`;
  }
  if (specifier.startsWith(SCOPE)) {
    const allowed = listAllowedArrows({ room, name, isTest: file.isTest }) ?? [];
    const [, imported = ''] = specifier.split('/');
    return allowed.includes(imported) ? undefined : `${name} may not import ${specifier}`;
  }
  if (file.isTest) return undefined;
  if (PURE_PACKAGES.includes(name) && isBuiltin(specifier)) return `${name} is pure and may not import ${specifier}`;
  const isTestLibrary = TEST_LIBRARIES.some((library) => specifier === library || specifier.startsWith(`${library}/`));
  return isTestLibrary && name !== TEST_TOOLS ? `only tests may import ${specifier}` : undefined;
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

function checkLazy({ name, files }: Member): Violation[] {
  const lazy = LAZY_ARROWS[name]?.map((door) => `${SCOPE}${door}`);
  if (lazy === undefined) return [];
  const doors = files.filter(({ path }) => /^[^/]+\/[^/]+\/src\/(index|main)\.ts$/.test(path));
  return listReachable(doors, files).flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, kind }) => kind === 'static' && lazy.includes(specifier))
      .map(({ specifier, line }) => ({ file: path, line, text: `${name} must import ${specifier} lazily` })),
  );
}

function checkCycle({ name, files }: Member): Violation[] {
  if (!ACYCLIC_PACKAGES.includes(name)) return [];
  const cycle = findCycle(files);
  const [first] = cycle;
  return first === undefined ? [] : [{ file: first, line: 1, text: `import cycle: ${cycle.join(' -> ')}` }];
}
