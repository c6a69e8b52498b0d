/**
 * The optional dependencies of a lockfile, most of which are binaries for one platform each.
 */
interface LockEntry {
  version?: string;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
  dev?: boolean;
  optional?: boolean;
  cpu?: string[];
  os?: string[];
  libc?: string[];
}

/** The parts of package-lock.json (version 3) that matter here; everything else is kept as it is. */
export interface Lockfile {
  packages: Record<string, LockEntry>;
}

export interface MissingPackage {
  /** Key of the entry to add. */
  key: string;
  name: string;
  version: string;
  /** Whether only development needs it. */
  isDev: boolean;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Optional dependencies with an exact version that have no entry, in the order of their keys. */
export function listMissing({ packages }: Lockfile): MissingPackage[] {
  const missing = new Map<string, MissingPackage>();
  const findVersion = (key: string): string | undefined => packages[key]?.version ?? missing.get(key)?.version;
  for (const [dependent, { optionalDependencies, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
      const places = listPlaces(dependent, name);
      const found = places.find((key) => findVersion(key) !== undefined);
      if (!/^\d/.test(version) || (found !== undefined && findVersion(found) === version)) continue;
      // The outermost place serves all dependents; it is taken when another one needs another version.
      const key = found === undefined ? `node_modules/${name}` : `${dependent}/node_modules/${name}`;
      missing.set(key, { key, name, version, isDev: dev === true });
    }
  }
  return [...missing.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Keys of entries that say from which host they were downloaded. */
export function findHosts({ packages }: Lockfile): string[] {
  return Object.keys(packages).filter((key) => /^[a-z+]+:\/\//.test(packages[key]?.resolved ?? ''));
}

/** Adds what is missing. The entries carry no checksum: npm adds it on a platform that installs the package. */
export function completeLockfile(lockfile: Lockfile): Lockfile {
  const added = listMissing(lockfile).map(({ key, name, version, isDev }): [string, LockEntry] => [
    key,
    { version, ...readPlatform(name), ...(isDev ? { dev: true } : {}), optional: true },
  ]);
  const [root, ...rest] = Object.entries(lockfile.packages);
  const sorted = [...rest, ...added].toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(root === undefined ? sorted : [root, ...sorted]) };
}

/** Where `dependent` would find the package `name`, the nearest first. */
function listPlaces(dependent: string, name: string): string[] {
  const folders = dependent
    .split('/node_modules/')
    .map((_, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
  const outer = `node_modules/${name}`;
  return [
    ...folders
      .filter((folder) => folder !== '')
      .map((folder) => `${folder}/${outer}`)
      .toReversed(),
    outer,
  ];
}

/** `@nx/nx-linux-arm64-musl` runs on Linux with an arm64 processor and musl. */
function readPlatform(name: string): LockEntry {
  const words = name.split(/[/-]/);
  const libc = words.flatMap((word) => (word === 'musl' ? ['musl'] : word === 'gnu' ? ['glibc'] : []));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  const os = words.filter((word) => SYSTEMS.includes(word));
  if (cpu.length !== 1 || os.length !== 1) throw new Error(`${name}: its name tells no platform`);
  return { cpu, ...(libc.length > 0 ? { libc } : {}), os };
}
