/**
 * Which package may import which. The table is the architecture: change it together with docs/architecture.md.
 */
export const SCOPE = '@coppice/';

/** Extensions that the composition root brings along, by folder name. */
const BUILT_IN_EXTENSIONS: readonly string[] = [
  'executor-aggregate',
  'executor-command',
  'executor-delay',
  'executor-function',
  'executor-http',
  'executor-system-info',
];

/** Doors that the sources of a package may import, by folder name. A package that is not listed is refused. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  extension: [],
  core: ['extension'],
  engine: ['core'],
  storage: ['core'],
  protocol: [],
  client: ['protocol'],
  definition: ['extension', 'protocol'],
  // Of `ui` only the built web page, as files.
  server: ['core', 'engine', 'protocol', 'storage', 'ui', ...BUILT_IN_EXTENSIONS],
  cli: ['client', 'definition', 'protocol', 'server'],
  ui: ['client', 'definition', 'protocol'],
  vscode: ['client', 'definition', 'protocol', 'ui'],
  testkit: ['core', 'engine'],
};

/** What every extension may import: the contract of authors, and nothing of the machinery behind it. */
const EXTENSION_ARROWS: readonly string[] = ['extension'];

/** Tests may use the test tools, whatever the package. */
const TEST_ARROWS: readonly string[] = ['testkit'];

/** Packages that must load without these until a command asks for them: importing them costs a tenth of a second. */
export const LAZY_ARROWS: Readonly<Record<string, readonly string[]>> = { cli: ['server'] };

/** Packages whose files may not import one another in a circle, not even for a type. */
export const ACYCLIC_PACKAGES: readonly string[] = ['extension', 'core'];

/** Packages that do no I/O; the compiler refuses it too, this names the reason. */
export const PURE_PACKAGES: readonly string[] = ['extension', 'core', 'protocol'];

/** Third-party packages for tests only. */
export const TEST_LIBRARIES: readonly string[] = ['vitest', 'fast-check'];

/** The one package whose sources are test tools. */
export const TEST_TOOLS = 'testkit';

export interface ArrowsOf {
  /** Folder that holds the package: `packages` or `extensions`. */
  room: string;
  name: string;
  isTest: boolean;
}

/** Returns undefined for a package that the table does not know. */
export function listAllowedArrows({ room, name, isTest }: ArrowsOf): readonly string[] | undefined {
  const arrows = room === 'extensions' ? EXTENSION_ARROWS : ARROWS[name];
  if (arrows === undefined) return undefined;
  return isTest ? [...arrows, ...TEST_ARROWS, name] : arrows;
}
