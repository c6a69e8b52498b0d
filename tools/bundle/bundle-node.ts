/** Sources for Node and all that they import, as one file per part that is loaded on its own. */
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { licenceTexts } from './licence-texts.ts';

const root = resolve(import.meta.dirname, '../..');

/** What packages in CommonJS call. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export interface NodeBundle {
  /** Names of the files to write, each with its source, relative to the repository. */
  readonly entries: Readonly<Record<string, string>>;
  /** Packages that are installed beside the bundle. */
  readonly external: readonly string[];
  readonly outdir: string;
}

/** Replaces what the folder holds. The licences of what is in the bundle stand beside it. */
export async function bundleNode({ entries, external, outdir }: NodeBundle): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...entries },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    conditions: ['coppice-source'],
    // jsonc-parser's CommonJS form asks for its own files in a way that no bundler follows; its modules are plain.
    mainFields: ['module', 'main'],
    external: [...external],
    // Less to read and to decode; names stay as they are in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(outdir, 'LICENSES.txt'), licenceTexts(root, Object.keys(metafile.inputs)));
}
