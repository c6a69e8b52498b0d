/** Names and errors of others in the editor: hovers, notifications and labels show them as text, and nothing of them can be clicked. */
import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { takePicture } from '../pictures.ts';
import { openEditor } from './open-editor.ts';

const LINK = '[click](command:workbench.action.closeWindow)';
const MARKUP = '<img src=x onerror=alert(1)> $(flame) **bold**';
const DEFINITION = `version: 1
name: '${LINK} ${MARKUP}'
tasks:
  first:
    name: 'first ${LINK} ${MARKUP}'
    executor: command
    inputs: { command: sh, args: ['-c', 'echo "$0" >&2; exit 3', '${LINK} ${MARKUP}'] }
  second: { executor: delay, dependencies: [first], inputs: { ms: 1 } }
`;

const { editor, page } = await openEditor({ files: { 'foreign.coppice.yaml': DEFINITION } });

/** Nothing in it is a link to a command or an image, and what was written is what is read. */
async function expectPlain(selector: string, texts: readonly string[]): Promise<void> {
  const shown = page.locator(selector, { hasText: 'command:workbench.action.closeWindow' }).first();
  await shown.waitFor();
  expect(
    await shown.locator('img, a[href*="command:"], a[data-href*="command:"], .codicon-flame, strong').count(),
  ).toBe(0);
  const text = (await shown.textContent())?.replaceAll('\u00a0', ' ');
  for (const part of texts) expect(text).toContain(part);
}

/** Rests the mouse on something until its hover is there; one that is drawn anew meanwhile loses it. */
async function showHover(what: Locator): Promise<void> {
  await editor.insist(async () => {
    await page.mouse.move(700, 700);
    await what.hover();
    await page.locator('.monaco-hover', { hasText: 'command:workbench' }).first().waitFor({ timeout: 4000 });
  });
}

it('a notification of a run that failed', async () => {
  await editor.openFile('foreign.coppice.yaml');
  await editor.command('Coppice: Run');
  const toast = '.notification-toast';
  await expectPlain(toast, ['<img src=x onerror=alert(1)>', '$(flame)', '**bold**']);
  expect(await page.locator(`${toast} .notification-list-item-message a`).count()).toBe(0);
  await takePicture(page, 'vscode-foreign-notification');
});

it('a row of the explorer and its hover', async () => {
  await editor.showExplorer();
  await editor.unfold(/command:workbench/);
  const row = editor.row(/first.*command:workbench/).first();
  await row.waitFor();
  await expectPlain('.sidebar .monaco-list-row', ['[click](command:', '$(flame)']);
  await showHover(row);
  await expectPlain('.monaco-hover', ['[click](command:', '<img src=x onerror=alert(1)>', '$(flame)', '**bold**']);
  await takePicture(page, 'vscode-foreign-hover');
});

it('a hover in the definition', async () => {
  const reference = editor
    .line('dependencies: [first]')
    .locator('span', { hasText: /^first$/ })
    .last();
  await showHover(reference);
  await expectPlain('.monaco-editor .monaco-hover, .monaco-hover', ['[click](command:', '$(flame)', '**bold**']);
});
