/** The extension as an editor loads it: one file for editors with Node, one for browsers, and the webviews' scripts. */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { definitionJsonSchema } from '@coppice/definition';
import { bundlePanels } from './bundle-ui.ts';

const folder = resolve(import.meta.dirname, '../../packages/vscode');

const SHARED: BuildOptions = {
  absWorkingDir: folder,
  bundle: true,
  format: 'cjs',
  conditions: ['coppice-source'],
  external: ['vscode'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** Writes `packages/vscode/dist`; replaces what was there. */
export async function bundleVscode(): Promise<void> {
  const dist = join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await Promise.all([
    build({
      ...SHARED,
      entryPoints: ['src/extension.ts'],
      outfile: 'dist/extension.cjs',
      platform: 'node',
      target: 'node22',
    }),
    build({
      ...SHARED,
      entryPoints: ['src/extension.web.ts'],
      outfile: 'dist/extension.web.js',
      platform: 'browser',
      target: 'es2023',
    }),
    bundlePanels(join(dist, 'panel')),
  ]);
  writeFileSync(join(dist, 'definition.schema.json'), `${JSON.stringify(definitionJsonSchema())}\n`);
}
