import { build } from 'esbuild';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Bundles an entry for browsers; answers the bundled files. */
async function bundledFiles(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['coppice-source'],
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
}

it('the main entry can be bundled for browsers, and brings no schema library along', async () => {
  const files = await bundledFiles('index.ts');
  expect(files.some((file) => file.includes('json-rpc-2.0'))).toBe(true);
  expect(files.filter((file) => /zod|vscode-jsonrpc|packages\/protocol/.test(file))).toEqual([]);
});

it('would notice: the stdio entry needs Node', async () => {
  await expect(bundledFiles('stdio.ts')).rejects.toThrow('node:child_process');
});
