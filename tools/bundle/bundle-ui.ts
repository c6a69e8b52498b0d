/** The views as an editor's webviews load them, and the web page with them in it: scripts and styles, one file each. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { licenceTexts } from './licence-texts.ts';

const root = resolve(import.meta.dirname, '../..');
const source = resolve(root, 'packages/ui/src');

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

/** What the page imports when it needs it. */
const PAGE_MODULES: readonly Entry[] = [{ in: 'page/definition-reader.ts', out: 'definition' }];

/** Writes graph.js, timeline.js, details.js, layout.js, panel.css and the licences of what is in them; replaces what was there. */
export async function bundlePanels(outdir: string): Promise<void> {
  await bundle({ scripts: PANELS, modules: [] }, outdir);
}

/** Writes index.html, page.js, layout.js, definition.js, page.css, icon.svg and the licences of what is in them; replaces what was there. */
export async function bundlePage(outdir: string): Promise<void> {
  await bundle({ scripts: PAGE, modules: PAGE_MODULES }, outdir);
  for (const file of PAGE_FILES) cpSync(join(source, 'page', file), join(outdir, file));
}

interface Entries {
  readonly scripts: readonly Entry[];
  readonly modules: readonly Entry[];
}

async function bundle({ scripts, modules }: Entries, outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  const files = [...(await write(scripts, outdir, 'iife')), ...(await write(modules, outdir, 'esm'))];
  writeFileSync(join(outdir, 'LICENSES.txt'), licenceTexts(root, [...new Set(files)]));
}

/** Answers the files that went in. */
async function write(
  entryPoints: readonly Entry[],
  outdir: string,
  format: 'iife' | 'esm',
): Promise<readonly string[]> {
  if (entryPoints.length === 0) return [];
  const { metafile } = await build({
    absWorkingDir: source,
    entryPoints: [...entryPoints],
    outdir,
    bundle: true,
    format,
    platform: 'browser',
    target: 'es2023',
    conditions: ['coppice-source'],
    minify: true,
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs).map((file) => relative(root, resolve(source, file)));
}
