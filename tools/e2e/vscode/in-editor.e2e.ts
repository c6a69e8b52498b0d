/** The extension seen from inside the editor, through the editor's own interface. */
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openEditor } from './open-editor.ts';
import { DEFINITION } from './workspace.ts';

const OUTER = 'version: 1\ntasks:\n  a:\n    use: ./inner.coppice.yaml\n    inputs:\n      region: eu\n';

/** With a mistake. */
const INNER = 'version: 1\ninputs:\n  region: { enum: [eu, us], required: true }\ntasks:\n  b: { executr: delay }\n';

const { editor } = await openEditor({
  files: { 'nightly.coppice.yaml': DEFINITION, 'outer.coppice.yaml': OUTER, 'inner.coppice.yaml': INNER },
  script: resolve(import.meta.dirname, 'in-editor.cjs'),
});

it('registers its commands, serves language models and leaves nothing behind', async () => {
  const { code, lines } = await editor.runInEditor();
  const told = lines.filter((line) => /^(passed|failed): /.test(line));
  expect(told.filter((line) => line.startsWith('failed'))).toEqual([]);
  expect(told.length).toBe(4);
  expect(code).toBe(0);
});
