/** The `coppice` command and all that it imports, as one file per part that is loaded on its own. */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundlePage } from './bundle-ui.ts';

const root = resolve(import.meta.dirname, '../..');

/** Each becomes a file of the same name. The worker is started by its name, beside whatever file starts it. */
const ENTRIES = {
  main: 'packages/cli/src/main.ts',
  'function-worker': 'extensions/executor-function/src/function-worker.ts',
} as const;

/** It finds its binary beside itself. */
const LEFT_OUT = ['better-sqlite3'];

/** What packages in CommonJS call. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Replaces what the folder holds. */
export async function bundleCommand(outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    conditions: ['coppice-source'],
    // jsonc-parser's CommonJS form asks for its own files in a way that no bundler follows; its modules are plain.
    mainFields: ['module', 'main'],
    external: LEFT_OUT,
    // Less to read and to decode; names stay as they are in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  // The server finds the page beside its own file.
  await bundlePage(join(outdir, 'page'));
}
