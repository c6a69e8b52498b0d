/** The views as an editor's webviews load them, and the web page with them in it: scripts and styles, one file each. */
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const source = resolve(import.meta.dirname, '../../packages/ui/src');

/** Files of the page that are served as they are. */
const PAGE_FILES = ['index.html', 'icon.svg'];

interface Entry {
  readonly in: string;
  readonly out: string;
}

/** The worker that lays flows out: beside the scripts that start it. */
const LAYOUT: Entry = { in: 'layout/worker.ts', out: 'layout' };

const PANELS: readonly Entry[] = [
  { in: 'panel/graph.ts', out: 'graph' },
  { in: 'panel/timeline.ts', out: 'timeline' },
  { in: 'panel/details.ts', out: 'details' },
  { in: 'panel/panel.css', out: 'panel' },
  LAYOUT,
];

const PAGE: readonly Entry[] = [{ in: 'page/page.ts', out: 'page' }, { in: 'page/page.css', out: 'page' }, LAYOUT];

/** Writes graph.js, timeline.js, details.js, layout.js and panel.css; replaces what was there. */
export async function bundlePanels(outdir: string): Promise<void> {
  await bundle(PANELS, outdir);
}

/** Writes index.html, page.js, layout.js, page.css and icon.svg; replaces what was there. */
export async function bundlePage(outdir: string): Promise<void> {
  await bundle(PAGE, outdir);
  for (const file of PAGE_FILES) cpSync(join(source, 'page', file), join(outdir, file));
}

async function bundle(entryPoints: readonly Entry[], outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: source,
    entryPoints: [...entryPoints],
    outdir,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    conditions: ['coppice-source'],
    minify: true,
    logLevel: 'warning',
  });
}
