/**
 * Reads the packages of the workspace from disk, so that the rules themselves work on plain data.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listImports, type ModuleImport } from './imports.ts';

export interface SourceFile {
  /** Relative to the workspace, with forward slashes. */
  path: string;
  isTest: boolean;
  imports: ModuleImport[];
}

export interface Member {
  room: string;
  name: string;
  /** Names of the packages its manifest lists for use at run time. */
  dependencies: string[];
  /** Specifiers under which others may import it: the name of the package, and its further exports. */
  doors: string[];
  files: SourceFile[];
}

export interface Workspace {
  members: Member[];
  /** Programs that stand outside all packages: repo tools and examples. */
  outsiders: SourceFile[];
}

const ROOMS = ['packages', 'extensions'];
const OUTSIDERS = ['tools', 'examples', 'bench'];

interface Manifest {
  name?: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export function readWorkspace(root: string): Workspace {
  return {
    members: ROOMS.flatMap((room) => listFolders(join(root, room)).map((name) => readMember(root, room, name))),
    outsiders: OUTSIDERS.flatMap((folder) => readFiles(root, folder)),
  };
}

function readMember(root: string, room: string, name: string): Member {
  const manifest = JSON.parse(readFileSync(join(root, room, name, 'package.json'), 'utf8')) as Manifest;
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const doors = Object.keys(manifest.exports ?? {}).map((key) => `${manifest.name ?? ''}${key.slice(1)}`);
  return { room, name, dependencies, doors, files: readFiles(root, `${room}/${name}`) };
}

function readFiles(root: string, folder: string): SourceFile[] {
  const paths = globSync(`${folder}/**/*.{ts,tsx,mts,cts}`, {
    cwd: root,
    exclude: (path) => path.endsWith('node_modules') || path.endsWith('dist'),
  });
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({
      path,
      isTest: /\.(test|fixture)\.[a-z]+$/.test(path),
      imports: listImports(path, readFileSync(join(root, path), 'utf8')),
    }));
}

function listFolders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(path, entry.name, 'package.json')))
    .map((entry) => entry.name)
    .toSorted();
}
