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
  name: string;
  version: string;
  /** Whether only development needs it. */
  isDev: boolean;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Optional dependencies with an exact version that have no entry, in the order of their names. */
export function listMissing({ packages }: Lockfile): MissingPackage[] {
  const missing = new Map<string, MissingPackage>();
  for (const [key, { optionalDependencies, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
      if (!/^\d/.test(version) || isLocked(packages, key, name)) continue;
      missing.set(name, { name, version, isDev: dev === true && missing.get(name)?.isDev !== false });
    }
  }
  return [...missing.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Keys of entries that say from which host they were downloaded. */
export function findHosts({ packages }: Lockfile): string[] {
  return Object.keys(packages).filter((key) => /^[a-z+]+:\/\//.test(packages[key]?.resolved ?? ''));
}

/** Adds what is missing. The entries carry no checksum: npm adds it on a platform that installs the package. */
export function completeLockfile(lockfile: Lockfile): Lockfile {
  const added = listMissing(lockfile).map(({ name, version, isDev }): [string, LockEntry] => [
    `node_modules/${name}`,
    { version, ...readPlatform(name), ...(isDev ? { dev: true } : {}), optional: true },
  ]);
  const [root, ...rest] = Object.entries(lockfile.packages);
  const sorted = [...rest, ...added].toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(root === undefined ? sorted : [root, ...sorted]) };
}

function isLocked(packages: Lockfile['packages'], key: string, name: string): boolean {
  for (let at = key; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
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
