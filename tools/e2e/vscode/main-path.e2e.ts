/** The extension as a user has it, packed and installed, in a real VS Code, with the workspace's own server. */
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageVscode } from '../../bundle/package-vscode.ts';
import { startEditor } from '../editor.ts';
import type { Editor } from '../editor.ts';
import { takePicture } from '../pictures.ts';
import { DEFINITION, makeWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

let workspace: Workspace;
let editor: Editor;
let page: Page;

beforeAll(async () => {
  workspace = await makeWorkspace({ 'nightly.coppice.yaml': DEFINITION });
  const vsix = await packageVscode(resolve(workspace.folder, '../coppice-test.vsix'));
  editor = await startEditor({ vsix, folder: workspace.folder });
  ({ page } = editor);
});

afterAll(async () => {
  await editor?.close();
  await workspace?.remove();
});

it("starts the workspace's server with one click", async () => {
  await editor.showExplorer();
  await page.locator('.welcome-view-content', { hasText: 'See every tree of tasks' }).waitFor();
  await takePicture(page, 'vscode-welcome');
  await page.locator('.welcome-view-content .monaco-button', { hasText: "Start the Workspace's Server" }).click();
  await page.locator('.statusbar-item', { hasText: 'Coppice' }).waitFor();
  await editor
    .row(/coppice-workspace/)
    .first()
    .waitFor();
});

it('runs a definition from its file, and shows the run in the explorer', async () => {
  await editor.openFile('nightly.coppice.yaml');
  await page.locator('.codelens-decoration', { hasText: 'Validate' }).waitFor();
  await page.locator('.codelens-decoration a', { hasText: 'Run' }).first().click();
  await editor
    .row(/Nightly.*failed/)
    .first()
    .waitFor();
  await editor.unfold(/Nightly/);
  await editor.row(/check.*2 of 80 checks are wrong/).waitFor();
  expect(await editor.row(/Build it/).getAttribute('aria-label')).toMatch(/^Build it, completed/);
  await editor.row(/publish.*skipped/).waitFor();
  await takePicture(page, 'vscode-explorer-light', { forDocs: true });
});
