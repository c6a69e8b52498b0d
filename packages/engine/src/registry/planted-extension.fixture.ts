/** Extensions for the registry's tests: as objects, and as files that a third party could have written. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { API_VERSION, Contribution, type Executor, type ExtensionManifest, type ExtensionModule } from '@coppice/core';
import { ContainerModule, type ContainerModuleLoadOptions } from 'inversify';

export const manifestOf = (name: string, more: Partial<ExtensionManifest> = {}): ExtensionManifest => ({
  name,
  version: '1.2.3',
  api: `^${API_VERSION}`,
  contributes: ['executor', 'hook'],
  ...more,
});

export const executorOf = (type: string, more: Partial<Executor> = {}): Executor => ({
  type,
  description: '',
  effects: 'pure',
  execute: () => null,
  ...more,
});

export function extension(
  name: string,
  load: (options: ContainerModuleLoadOptions) => void | Promise<void>,
  more: Partial<ExtensionManifest> = {},
): ExtensionModule {
  return { manifest: manifestOf(name, more), module: new ContainerModule(load) };
}

export const withExecutor = (name: string, executor: Executor): ExtensionModule =>
  extension(name, ({ bind }) => void bind(Contribution.Executor).toConstantValue(executor));

/** Writes a file below the directory; answers its path relative to there. */
export async function plant(baseDir: string, file: string, source: string): Promise<string> {
  await mkdir(path.dirname(path.join(baseDir, file)), { recursive: true });
  await writeFile(path.join(baseDir, file), source);
  return `./${file}`;
}

/** Source of a sound extension with one executor. It can not import from here, so its module is of its own making. */
export const sound = (name: string, type: string): string => `
  export const manifest = { name: '${name}', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] };
  export const module = { load({ bind }) {
    bind(Symbol.for('coppice.Executor')).toConstantValue({ type: '${type}', description: '', effects: 'pure', execute: () => '${name}' });
  } };`;

/** Source of an extension with this manifest and `load` function. */
export const withManifest = (manifest: object, load = '() => {}'): string => `
  export const manifest = ${JSON.stringify({ name: 'bad', version: '1.0.0', api: '^1.0.0', contributes: ['executor'], ...manifest })};
  export const module = { load: ${load} };`;
