/** The editor in a folder that is not trusted: trees can be seen, nothing can be run; and a run that a person cancels. */
import { expect, it } from 'vitest';
import { takePicture } from '../pictures.ts';
import { serveTests } from '../server.ts';
import { openEditor } from './open-editor.ts';
import { DEFINITION } from './workspace.ts';

const server = await serveTests();
const { editor, page } = await openEditor({
  files: { 'nightly.coppice.yaml': DEFINITION.replace('ms: 60ms', 'ms: 10m') },
  isTrusted: false,
});

it('shows the trees of a server, and runs nothing', async () => {
  await server.client.tasks.create({ tasks: [{ id: 'seen' }], reidentify: true });
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.locator('.monaco-button', { hasText: /No, I don.t trust/ }).click();
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
  await editor.showExplorer();
  await page.locator('.welcome-view-content', { hasText: 'This workspace is not trusted' }).waitFor();
  await editor.connect(server.url, server.token);
  await editor.row(/seen.*created/).waitFor();
  await editor.inline(/seen/, 'Run');
  await page.locator('.notification-toast', { hasText: 'Trust the workspace first' }).waitFor();
  expect((await server.client.tasks.list({})).items[0]?.runStatus).toBe('created');
  await takePicture(page, 'vscode-restricted');
});

it('runs after the workspace was trusted, and cancels from the notification', async () => {
  await editor.command('Workspaces: Manage Workspace Trust');
  await page.locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' }).first().click();
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'detached' });
  await editor.openFile('nightly.coppice.yaml');
  await page.locator('.codelens-decoration a', { hasText: 'Run' }).first().click();
  const toast = page.locator('.notification-toast', { hasText: 'Nightly' }).first();
  await toast.locator('.monaco-button', { hasText: 'Cancel' }).click();
  await editor
    .row(/Nightly.*cancelled/)
    .first()
    .waitFor();
});

it('explains why a task waits, shows its events, and retries what was cancelled', async () => {
  await editor.inline(/Nightly/, 'Retry What Failed');
  await editor
    .row(/Nightly.*running/)
    .first()
    .waitFor();
  await editor.unfold(/Nightly/);
  await editor.row(/Build it.*running/).waitFor();
  await editor.menu(editor.row(/check/).first(), 'Explain Why It Waits');
  const toast = page.locator('.notification-toast', { hasText: /Build it|build/ }).first();
  await toast.waitFor();
  await editor.menu(editor.row(/Build it/).first(), 'Open Events');
  await page.locator('.tab.active', { hasText: 'Build it.events.json' }).waitFor();
  await editor.line('TaskStarted').first().waitFor();
  await editor.inline(/Nightly/, 'Cancel');
  await editor
    .row(/Nightly.*cancelled/)
    .first()
    .waitFor();
  await editor.closeEditors();
});

it('previews the graph of a definition, and follows the edit', async () => {
  await editor.openFile('nightly.coppice.yaml');
  await page.locator('.codelens-decoration a', { hasText: 'Graph' }).first().click();
  const graph = await editor.webview('.graph .node');
  await graph.locator('.node-name:text-is("publish")').waitFor();
  await editor.line(/^\s*publish:/).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.insertText('announce: { executor: delay, inputs: { ms: 1 } }');
  await graph.locator('.node-name:text-is("announce")').waitFor();
  await page.keyboard.press('Control+Shift+k');
  await graph.locator('.node-name:text-is("announce")').waitFor({ state: 'detached' });
  await editor.closeEditors();
});

it('shows only trees in chosen statuses', async () => {
  await editor.command('Coppice: Filter by Status');
  const picker = page.locator('.quick-input-widget');
  await picker.locator('.monaco-list-row', { hasText: 'created' }).click();
  await picker.locator('.monaco-button', { hasText: 'OK' }).click();
  await editor
    .row(/Nightly/)
    .first()
    .waitFor({ state: 'detached' });
  await editor.row(/seen.*created/).waitFor();
  await editor.command('Coppice: Clear the Filter');
  await editor
    .row(/Nightly/)
    .first()
    .waitFor();
});
