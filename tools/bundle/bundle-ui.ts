/** The views as an editor's webviews load them, and the web page with them in it: scripts and styles, one file each. */
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const source = resolve(import.meta.dirname, '../../packages/ui/src');

/** Writes `panel/` (graph.js, timeline.js, panel.css) and `page/` (index.html, page.js, page.css); replaces what was there. */
export async function bundleUi(outdir: string): Promise<void> {
  for (const folder of ['panel', 'page']) rmSync(join(outdir, folder), { recursive: true, force: true });
  await build({
    absWorkingDir: source,
    entryPoints: {
      'panel/graph': 'panel/graph.ts',
      'panel/timeline': 'panel/timeline.ts',
      'panel/panel': 'panel/panel.css',
      'page/page': 'page/page.ts',
      'page/style': 'page/page.css',
    },
    outdir,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    conditions: ['coppice-source'],
    minify: true,
    logLevel: 'warning',
  });
  for (const file of ['index.html', 'icon.svg']) cpSync(join(source, 'page', file), join(outdir, 'page', file));
}
