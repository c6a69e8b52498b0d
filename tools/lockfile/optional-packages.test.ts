import { describe, expect, it } from 'vitest';
import { completeLockfile, findHosts, listMissing, type Lockfile } from './optional-packages.ts';

const complete: Lockfile = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0', dev: true, optionalDependencies: { '@a/linux-x64-gnu': '1.0.0' } },
    'node_modules/@a/linux-x64-gnu': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optionalDependencies: { 'b-linux-arm64-musl': '2.0.0' } },
    'node_modules/b/node_modules/b-linux-arm64-musl': { version: '2.0.0' },
    'packages/core': { version: '0.1.0' },
  },
};

function without(key: string): Lockfile {
  const packages = { ...complete.packages };
  delete packages[key];
  return { packages };
}

describe('optional packages', () => {
  it('finds nothing in a complete lockfile and leaves it as it is', () => {
    expect(listMissing(complete)).toEqual([]);
    expect(completeLockfile(complete)).toEqual(complete);
  });

  it('finds a platform package that npm left out', () => {
    expect(listMissing(without('node_modules/@a/linux-x64-gnu'))).toEqual([
      { key: 'node_modules/@a/linux-x64-gnu', name: '@a/linux-x64-gnu', version: '1.0.0', isDev: true },
    ]);
  });

  it('adds it with the platform that its name tells', () => {
    const { packages } = completeLockfile(without('node_modules/b/node_modules/b-linux-arm64-musl'));
    expect(packages['node_modules/b-linux-arm64-musl']).toEqual({
      version: '2.0.0',
      cpu: ['arm64'],
      libc: ['musl'],
      os: ['linux'],
      optional: true,
    });
    expect(listMissing({ packages })).toEqual([]);
  });

  it('gives two versions of a package an entry each', () => {
    const packages = {
      'node_modules/a': { optionalDependencies: { 'x-linux-x64': '1.0.0' } },
      'node_modules/b/node_modules/a': { optionalDependencies: { 'x-linux-x64': '2.0.0' } },
    };
    expect(listMissing({ packages }).map(({ key, version }) => `${key}@${version}`)).toEqual([
      'node_modules/b/node_modules/a/node_modules/x-linux-x64@2.0.0',
      'node_modules/x-linux-x64@1.0.0',
    ]);
    expect(listMissing(completeLockfile({ packages }))).toEqual([]);
  });

  it('refuses to guess a platform', () => {
    const packages = { 'node_modules/a': { optionalDependencies: { 'a-native': '1.0.0' } } };
    expect(() => completeLockfile({ packages })).toThrow('a-native');
  });

  it('finds an entry that names a host, but not a link inside the workspace', () => {
    const packages = { 'node_modules/a': { resolved: 'https://host.example/a.tgz' }, b: { resolved: 'packages/b' } };
    expect(findHosts({ packages })).toEqual(['node_modules/a']);
  });
});
