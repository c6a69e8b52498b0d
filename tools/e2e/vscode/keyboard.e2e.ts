/** The main path without a mouse, in high contrast; what a person does with a definition and with a run besides. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { nodeOf, openEditor } from './open-editor.ts';
import { DEFINITION } from './workspace.ts';

const { editor, page, workspace } = await openEditor({
  files: { 'nightly.coppice.yaml': DEFINITION, 'new.coppice.yaml': '' },
  theme: 'Default High Contrast',
});

/** The row of the explorer that has the focus. */
const focused = (text: string | RegExp) => page.locator('.sidebar .monaco-list-row.focused', { hasText: text });

/** A command of the palette, chosen with the keyboard. What it offers depends on what has the focus, which may just be changing. */
async function command(title: string): Promise<void> {
  const row = page.locator(`.quick-input-list .monaco-list-row.focused[aria-label^="${title}"]`);
  await editor.insist(async () => {
    await editor.quick('F1', `>${title}`);
    await row.waitFor({ timeout: 3000 });
  });
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Goes down the explorer to a row that is there. While rows come, the focus may go back to the row above them. */
async function goTo(text: RegExp): Promise<void> {
  const rows = page.locator('.sidebar .monaco-list-row');
  const focusedAt = (index: number) => page.locator(`.sidebar .monaco-list-row.focused[data-index="${index}"]`);
  await editor.insist(async () => {
    await command('Coppice: Focus on Trees View');
    await rows.filter({ hasText: text }).waitFor({ timeout: 10_000 });
    await page.keyboard.press('Home');
    await focusedAt(0).waitFor({ timeout: 3000 });
    for (let index = 1; (await focused(text).count()) === 0; index += 1) {
      await page.keyboard.press('ArrowDown');
      await focusedAt(index).waitFor({ timeout: 3000 });
    }
  });
}

/** Chooses from the menu of the focused row. */
async function menu(action: string): Promise<void> {
  await page.keyboard.press('Shift+F10');
  const entry = page.locator('.monaco-menu .action-item', { hasText: action });
  await entry.waitFor();
  for (let step = 0; step < 30 && (await entry.and(page.locator('.focused')).count()) === 0; step += 1)
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.monaco-menu').waitFor({ state: 'detached' });
}

it('goes from nothing to a failed run with the keyboard alone', async () => {
  await editor.quick('Control+p', 'nightly');
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'nightly.coppice.yaml' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.tab.active', { hasText: 'nightly.coppice.yaml' }).waitFor();
  await command('Coppice: Run');
  await page.locator('.codelens-decoration', { hasText: /failed · \S+ · attempt 2/ }).waitFor();
  await goTo(/Nightly.*failed/);
  await page.keyboard.press('ArrowRight');
  await goTo(/check.*2 of 80 checks are wrong/);
});

it('shows the graph, and goes through it with the arrow keys', async () => {
  await menu('Open Graph');
  const graph = await editor.webview('.graph .node');
  await graph.getByRole('tree').focus();
  await page.keyboard.press('ArrowUp');
  await graph.locator('.node.is-selected', { hasText: 'Build it' }).waitFor();
  expect(await findBarriers(graph)).toEqual([]);
  await takePicture(page, 'vscode-high-contrast');
  await page.keyboard.press('Enter');
  const details = await editor.webview('.details-body h2');
  await details.locator('h2', { hasText: 'Build it' }).waitFor();
  expect(await findBarriers(details)).toEqual([]);
  await command('View: Close All Editors');
});

it('runs a part again as a copy with the keyboard alone', async () => {
  await goTo(/check.*2 of 80/);
  await menu('Run Again as a Copy');
  await page.locator('.tab.active', { hasText: 'Copy of Nightly' }).waitFor();
  await editor.line('exit 3').waitFor();
  await page.keyboard.press('Control+f');
  await page.locator('.find-widget.visible').waitFor();
  await page.keyboard.type('exit 3');
  await page.locator('.find-widget .matchesCount', { hasText: '1 of 1' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('.find-widget.visible').waitFor({ state: 'detached' });
  await page.keyboard.type('exit 0');
  await editor.line('exit 0').waitFor();
  await command('Coppice: Run the Copy');
  await editor
    .row(/Nightly.*completed.*copy/)
    .first()
    .waitFor();
  await command('View: Close All Editors');
});

it('helps with a definition: snippets, hovers, where a task is', async () => {
  await editor.openFile('new.coppice.yaml');
  await editor.line('').first().click();
  await page.keyboard.type('coppice');
  const snippet = await editor.suggestion('Coppice definition');
  await snippet.click();
  await editor.line('name: My tree').waitFor();
  await page.keyboard.press('Escape');
  await editor.openFile('nightly.coppice.yaml');
  const reference = editor
    .line('dependencies: [check]')
    .locator('span', { hasText: /^check$/ })
    .last();
  await reference.hover();
  await page.locator('.monaco-hover', { hasText: 'after build' }).waitFor();
  await reference.click();
  await command('Go to Definition');
  await page.locator('.line-numbers.active-line-number', { hasText: /^10$/ }).waitFor();
});

it('selects in the definition what is selected in the graph', async () => {
  await editor.menu(editor.row(/Nightly.*failed/).first(), 'Open Graph');
  await editor.webview('.graph .node');
  await page.locator('.tab.active', { hasText: /^Nightly$/ }).click();
  await command('View: Move Editor into Next Group');
  await page.locator('.editor-group-container').nth(1).locator('.tab.active').waitFor();
  await page.locator('.tab', { hasText: 'nightly.coppice.yaml' }).click();
  const graph = await editor.webview('.graph .node');
  await graph.locator(nodeOf('fetch')).click();
  await page.locator('.line-numbers.active-line-number', { hasText: /^4$/ }).waitFor();
  // The same place, chosen by a person afterwards: all at once, as only a search selects it.
  await editor.line('check:').click();
  const selected = page.locator('.sidebar .monaco-list-row.selected');
  await selected.filter({ hasText: 'check' }).waitFor();
  await page.keyboard.press('Control+f');
  await page.locator('.find-widget.visible textarea').first().fill('fetch');
  await page.locator('.find-widget .matchesCount', { hasText: '1 of 2' }).waitFor();
  await selected.filter({ hasText: 'fetch' }).waitFor();
  await editor.closeEditors();
});

it('follows the cursor in the definition, and never moves it by itself', async () => {
  await editor.openFile('nightly.coppice.yaml');
  await editor.goToLine(4);
  // The first key alone: from when it has arrived, all do.
  await page.keyboard.press('Control+Home');
  await editor.cursorAt(1, 1);
  const keys = Array.from({ length: 48 }, (_, at) => (Math.floor(at / 12) % 2 === 0 ? 'ArrowDown' : 'ArrowUp'));
  for (const key of [...keys, ...Array.from({ length: 9 }, () => 'ArrowDown')]) await page.keyboard.press(key);
  await editor.cursorAt(10, 1);
  await page.locator('.sidebar .monaco-list-row.selected', { hasText: 'check' }).waitFor();
  await editor.cursorAt(10, 1);
  await editor.closeEditors();
});

it('copies an id, sorts by the setting, and retries a task with what depends on it', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await editor.menu(editor.row(/check.*2 of 80/).first(), 'Copy Id');
  await expect.poll(() => page.evaluate<string>('navigator.clipboard.readText()')).toMatch(/^\S+\.\S+$/);
  await editor.menu(editor.row(/check.*2 of 80/).first(), 'Retry with Everything That Depends on It');
  await editor
    .row(/check.*attempt 4/)
    .first()
    .waitFor();
  const newest = async () => (await editor.row(/Nightly/).allTextContents())[0];
  await expect.poll(newest).toMatch(/copy/);
  await mkdir(join(workspace.folder, '.vscode'));
  await writeFile(
    join(workspace.folder, '.vscode/settings.json'),
    JSON.stringify({ 'coppice.explorer.sort': 'status' }),
  );
  await editor
    .row(/Nightly.*failed/)
    .and(page.locator('[data-index="1"]'))
    .waitFor();
});

it('exports a run to a file that opens without the server', async () => {
  await editor.menu(editor.row(/Nightly.*copy/).first(), 'Export the Run');
  const input = page.locator('.quick-input-widget input').first();
  const path = join(workspace.folder, 'kept.coppice-run.gz');
  // The box proposes a path of its own, a moment after it has opened.
  await expect.poll(() => input.inputValue()).toMatch(/\.coppice-run\.gz$/);
  await input.fill(path);
  await expect.poll(() => input.inputValue()).toBe(path);
  await page.keyboard.press('Enter');
  const toast = page.locator('.notification-toast', { hasText: 'The run is in kept.coppice-run.gz' });
  await toast.waitFor();
  const [head = ''] = gunzipSync(await readFile(path))
    .toString()
    .split('\n');
  const { format } = JSON.parse(head) as { format: string };
  expect(format).toBe('coppice-run');
  await toast.getByRole('button', { name: 'Open' }).click();
  const timeline = await editor.webview('.timeline .row');
  await timeline.locator('.row', { hasText: 'check' }).waitFor();
});
