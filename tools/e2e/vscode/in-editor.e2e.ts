/** The extension seen from inside the editor, through the editor's own interface. */
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { bundleVscode } from '../../bundle/bundle-vscode.ts';
import { startEditor } from '../editor.ts';
import { DEFINITION, makeWorkspace } from './workspace.ts';

const OUTER = 'version: 1\ntasks:\n  a:\n    use: ./inner.coppice.yaml\n    inputs:\n      region: eu\n';

/** With a mistake. */
const INNER = 'version: 1\ninputs:\n  region: { enum: [eu, us], required: true }\ntasks:\n  b: { executr: delay }\n';

it('registers its commands, serves language models and leaves nothing behind', async () => {
  await bundleVscode();
  const workspace = await makeWorkspace({
    'nightly.coppice.yaml': DEFINITION,
    'outer.coppice.yaml': OUTER,
    'inner.coppice.yaml': INNER,
  });
  const extension = resolve(import.meta.dirname, '../../../packages/vscode');
  const editor = await startEditor({
    folder: workspace.folder,
    inEditor: { extension, script: resolve(import.meta.dirname, 'in-editor.cjs') },
  });
  try {
    const { code, lines } = await editor.runInEditor();
    const told = lines.filter((line) => /^(passed|failed): /.test(line));
    expect(told.filter((line) => line.startsWith('failed'))).toEqual([]);
    expect(told.length).toBe(4);
    expect(code).toBe(0);
  } finally {
    await editor.close();
    await workspace.remove();
  }
}, 180_000);
