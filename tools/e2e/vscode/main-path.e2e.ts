/** The extension as a user has it, packed and installed, in a real VS Code, with the workspace's own server: from nothing to a copy. */
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { nodeOf, openEditor } from './open-editor.ts';
import { DEFINITION } from './workspace.ts';

const { editor, page } = await openEditor({ files: { 'nightly.coppice.yaml': DEFINITION } });

it("starts the workspace's server with one click", async () => {
  await editor.showExplorer();
  await page.locator('.welcome-view-content', { hasText: 'See every tree of tasks' }).waitFor();
  await page.locator('.welcome-view-content .monaco-button', { hasText: "Start the Workspace's Server" }).click();
  await page.locator('.statusbar-item', { hasText: 'Coppice' }).waitFor();
  await editor
    .row(/coppice-workspace/)
    .first()
    .waitFor();
});

it('runs a definition from its file: explorer, badge, notification, results at the lines', async () => {
  await editor.openFile('nightly.coppice.yaml');
  await page.locator('.codelens-decoration', { hasText: 'Validate' }).waitFor();
  await page.locator('.codelens-decoration a', { hasText: 'Run' }).first().click();
  // The editor draws new buttons only while its text has the focus.
  await page.locator('.codelens-decoration', { hasText: /failed · \S+ · attempt 2/ }).waitFor();
  await editor
    .row(/Nightly.*failed/)
    .first()
    .waitFor();
  await editor.unfold(/Nightly/);
  await editor.row(/check.*2 of 80 checks are wrong/).waitFor();
  await expect.poll(() => editor.row(/Build it/).getAttribute('aria-label')).toMatch(/^Build it, completed/);
  await editor.row(/publish.*skipped/).waitFor();
  await page.locator('.notification-toast', { hasText: 'Nightly failed' }).waitFor();
  const item = page.locator('.activitybar .action-item', { has: page.locator('a[aria-label^="Coppice"]') });
  await expect.poll(() => item.locator('.badge-content').textContent()).toBe('1');
  await takePicture(page, 'vscode-explorer-light', { forDocs: true });
  await page.locator('.notification-toast', { hasText: 'Nightly failed' }).hover();
  await page.locator('.notification-toast .codicon-notifications-clear').click();
});

it('tells problems of form, of the server and of the last run at their lines', async () => {
  await editor.command('Problems: Focus on Problems View');
  const panel = page.locator('.markers-panel');
  await panel.getByText('The last run failed here').first().waitFor();
  await editor.openFile('nightly.coppice.yaml');
  await editor.line(/^\s*executor:\sdelay$/).click();
  await page.keyboard.press('End');
  await page.keyboard.type('ay');
  await panel
    .getByText(/names the executor 'delayay'/)
    .first()
    .waitFor();
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await panel
    .getByText(/names the executor/)
    .first()
    .waitFor({ state: 'detached' });
  await editor.command('View: Hide Panel');
});

it('completes, outlines, goes to tasks and renames them', async () => {
  await editor.goToLine(7);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('execu');
  await editor.suggestion('executor');
  await page.keyboard.press('Escape');
  for (let left = 0; left < 6; left += 1) await page.keyboard.press('Control+z');
  await editor.quick('Control+Shift+o', '@check');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'check' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  await page.keyboard.press('F2');
  const box = page.locator('.rename-box input');
  await box.waitFor();
  await box.fill('verify');
  await page.keyboard.press('Enter');
  await editor.line('dependencies: [verify]').waitFor();
  await editor.line('verify:').first().waitFor();
  await page.keyboard.press('Control+z');
  await editor.line('dependencies: [check]').waitFor();
  await page.keyboard.press('Control+s');
});

it('shows the graph: selection goes both ways, no barriers, the keyboard reaches everything', async () => {
  const graph = await editor.openPanel(/Nightly/, 'Open Graph', '.graph .node');
  await graph.locator(nodeOf('check')).click();
  await page.locator('.sidebar .monaco-list-row.selected', { hasText: 'check' }).waitFor();
  await editor.row(/Build it/).click();
  await graph.locator('.node.is-selected', { hasText: 'Build it' }).waitFor();
  await graph.getByRole('tree').focus();
  await page.keyboard.press('ArrowUp');
  await graph.locator('.node.is-selected', { hasText: 'fetch' }).waitFor();
  await page.locator('.sidebar .monaco-list-row.selected', { hasText: 'fetch' }).waitFor();
  expect(await findBarriers(graph)).toEqual([]);
  await graph.locator(nodeOf('check')).click();
  await takePicture(page, 'vscode-graph-light', { forDocs: true });
});

it('follows the definition file', async () => {
  await page.locator('.tab', { hasText: 'nightly.coppice.yaml' }).click();
  await editor.line(/^\s*publish:/).click();
  await page.locator('.sidebar .monaco-list-row.selected', { hasText: 'publish' }).waitFor();
  await page.locator('.tab', { hasText: /^Nightly$/ }).click();
  const graph = await editor.webview('.graph .node');
  await graph.locator('.node.is-selected', { hasText: 'publish' }).waitFor();
});

it('shows the details of what is selected in one panel, with documents one click away, and compares attempts', async () => {
  const graph = await editor.webview('.graph .node');
  await graph.locator(nodeOf('check')).dblclick();
  const details = await editor.webview('.details-body h2');
  await details.locator('h2', { hasText: 'check' }).waitFor();
  await details.locator('.problem', { hasText: 'retry/exhausted' }).waitFor();
  await details.locator('.attempts tr', { hasText: 'failed, tried again' }).waitFor();
  await details.locator('.printed', { hasText: '2 of 80 checks are wrong' }).waitFor();
  await details.getByRole('button', { name: 'Copy …' }).waitFor();
  expect(await findBarriers(details)).toEqual([]);
  await takePicture(page, 'vscode-details-light', { forDocs: true });
  await editor.row(/Build it/).click();
  await details.locator('h2', { hasText: 'Build it' }).waitFor();
  await graph.locator(nodeOf('check')).click();
  await details.locator('h2', { hasText: 'check' }).waitFor();
  await details.getByRole('button', { name: 'Open as a document: Error' }).click();
  await page.locator('.tab.active', { hasText: 'check.error.json' }).waitFor();
  await editor.line('"command/exit"').waitFor();
  await editor.menu(editor.row(/check/).first(), 'Open Attempts');
  await page.locator('.tab.active', { hasText: 'check.attempts.json' }).waitFor();
  await editor.menu(editor.row(/check/).first(), 'Compare the Last Two Attempts');
  await page.locator('.tab.active', { hasText: 'Attempt 1 ↔ attempt 2' }).waitFor();
  await editor.closeEditors();
});

it('shows the timeline, and every view the moment that its cursor points at', async () => {
  await editor.menu(editor.row(/Nightly/).first(), 'Open Timeline');
  const timeline = await editor.webview('.timeline .row');
  const label = () => timeline.locator('.row', { hasText: 'check' }).getAttribute('aria-label');
  await expect.poll(label).toMatch(/attempt 1, retry.*backed off.*attempt 2, failed/);
  expect(await findBarriers(timeline)).toEqual([]);
  await takePicture(page, 'vscode-timeline-light', { forDocs: true });
  await timeline.getByLabel('Event that is shown').focus();
  await page.keyboard.press('Home');
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowRight');
  await timeline.locator('.cursor-note', { hasText: 'The state at event 6' }).waitFor();
  await editor
    .row(/publish.*pending/)
    .first()
    .waitFor();
  await timeline.getByRole('button', { name: 'Back to now' }).click();
  await editor
    .row(/publish.*skipped/)
    .first()
    .waitFor();
  await editor.closeEditors();
});

it('runs a part again as a copy: what runs and what is reused is seen, inputs are edited with their schema', async () => {
  await editor.menu(editor.row(/check/).first(), 'Run Again as a Copy');
  await page.locator('.tab.active', { hasText: 'Copy of Nightly' }).waitFor();
  await page.locator('.codelens-decoration', { hasText: 'runs 1 task again, reuses 1 result' }).waitFor();
  await editor.line('exit 3').waitFor();
  await takePicture(page, 'vscode-copy-light', { forDocs: true });
  await editor.line('exit 3').click();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+End');
  await page.keyboard.insertText('"echo fine"');
  await page.locator('.codelens-decoration a', { hasText: 'Run the copy' }).click();
  await editor
    .row(/Nightly.*completed.*copy/)
    .first()
    .waitFor();
  const graph = await editor.webview('.graph .node');
  await graph.locator('.node.is-reused', { hasText: 'Build it' }).waitFor();
  await graph.locator('.node.status-completed', { hasText: 'check' }).waitFor();
});

it('compares the copy with its origin', async () => {
  await editor.menu(editor.row(/Nightly.*copy/).first(), 'Compare with Origin');
  await page.locator('.tab.active', { hasText: 'Origin ↔ copy' }).waitFor();
  await page.locator('.monaco-diff-editor .view-line', { hasText: 'echo fine' }).first().waitFor();
  await page.locator('.monaco-diff-editor .view-line', { hasText: 'exit 3' }).first().waitFor();
  await takePicture(page, 'vscode-compare-light', { forDocs: true });
  await editor.closeEditors();
});

it('offers a walkthrough and its settings', async () => {
  await editor.command('Welcome: Open Walkthrough...');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Get Started with Coppice' }).first().click();
  await page.locator('.gettingStartedContainer', { hasText: 'Run a part again' }).waitFor();
  await takePicture(page, 'vscode-walkthrough');
  await editor.closeEditors();
  await editor.command('Preferences: Open Settings (UI)');
  await page.locator('.settings-editor').waitFor();
  await page.keyboard.type('coppice.explorer');
  await page.locator('.settings-editor .setting-item-contents', { hasText: 'Order of trees' }).first().waitFor();
  await editor.closeEditors();
});

it('asked for nothing beyond this machine', () => {
  expect([...editor.browser.outside]).toEqual([]);
});
