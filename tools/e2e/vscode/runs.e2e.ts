/** Runs that a person steers in the editor: pauses, holds, waits, many trees at once, and tasks that come while they run. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseDefinition } from '@coppice/definition';
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { serveTests } from '../server.ts';
import { delay } from '../trees.ts';
import { nodeOf, openEditor } from './open-editor.ts';

const server = await serveTests();
const { editor, page } = await openEditor({ files: {} });
const statusBar = page.locator('.statusbar-item', { hasText: 'Coppice' });

async function begin(tasks: readonly object[]): Promise<string> {
  const submission = { tasks, reidentify: true } as Parameters<typeof server.client.tasks.execute>[0];
  return (await server.client.tasks.execute(submission)).treeId;
}

it('pauses and resumes from the explorer, and says so in rows, graph, details and status bar (R-CP-08)', async () => {
  const treeId = await begin([
    { id: 'train' },
    delay('north', 'train', { ms: 600_000 }),
    delay('south', 'train', { ms: 1, after: ['north'] }),
  ]);
  await editor.showExplorer();
  await editor.connect(server.url, server.token);
  await editor.unfold(/train/);
  await editor.row(/north.*running/).waitFor();
  await editor.menu(editor.row(/train/).first(), 'Pause');
  await editor.row(/train.*pausing/).waitFor();
  // Its attempt is released, so that the pause is reached.
  await server.client.tasks.pause({ taskId: treeId, force: true });
  await editor.row(/train.*paused/).waitFor();
  await editor.row(/north.*paused/).waitFor();
  await statusBar.filter({ hasText: '1 paused' }).waitFor();
  const graph = await editor.openPanel(/train/, 'Open Graph', '.graph .node');
  await graph.locator(`.is-paused${nodeOf('north')}`).click();
  const details = await editor.webview('.details-body h2');
  await details
    .locator('.explained', { hasText: /paused/ })
    .first()
    .waitFor();
  expect(await findBarriers(graph)).toEqual([]);
  await takePicture(page, 'vscode-paused-light');
  await editor.menu(editor.row(/train/).first(), 'Resume');
  await editor.row(/north.*running/).waitFor();
  await graph.locator(`.status-running${nodeOf('north')}`).waitFor();
  const { items } = await server.client.tasks.events({ treeId });
  const told = items.filter(({ type }) => type === 'TaskPausing' || type === 'TaskResumed');
  expect(told.map(({ type, actor }) => [type, actor?.face])).toEqual([
    ['TaskPausing', 'editor'],
    ['TaskResumed', 'editor'],
  ]);
  await server.client.tasks.cancel({ taskId: treeId });
  await editor.closeEditors();
});

it('holds an executor, says so above the trees and in the status bar, lists holds and releases (R-CP-09)', async () => {
  await editor.command('Coppice: Hold Everything');
  const picker = page.locator('.quick-input-widget');
  await picker.locator('.monaco-list-row', { hasText: 'The executor delay' }).click();
  await picker.filter({ hasText: 'Why?' }).waitFor();
  await page.keyboard.type('the clock is changed');
  await page.keyboard.press('Enter');
  await page
    .locator('.sidebar .message', {
      hasText: /^Held: executor delay, by .*, from the editor, since .*: the clock is changed$/,
    })
    .waitFor();
  await statusBar.filter({ hasText: 'held' }).waitFor();
  await takePicture(page, 'vscode-held-light');
  const treeId = await begin([{ id: 'late' }, delay('first', 'late', { ms: 600_000 })]);
  await editor.unfold(/late/);
  await editor.row(/first.*held · the clock is changed/).waitFor();
  await editor.command('Coppice: Release a Hold');
  await picker.locator('.monaco-list-row', { hasText: 'executor delay' }).click();
  await page.locator('.sidebar .message', { hasText: 'Held' }).waitFor({ state: 'hidden' });
  expect((await server.client.holds.list({})).items).toEqual([]);
  await editor.row(/first.*running/).waitFor();
  await server.client.tasks.cancel({ taskId: treeId });
});

it('has an inbox of what waits, with a badge and a notification, and takes the answer in the details (R-SN-01)', async () => {
  const file = resolve(import.meta.dirname, '../../../examples/form-driven-report/form-driven-report.coppice.yaml');
  const parsed = parseDefinition(await readFile(file, 'utf8'), file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { treeId } = await server.client.tasks.execute({ ...parsed.definition.params, reidentify: true });
  const toast = page.locator('.notification-toast', { hasText: 'waits for your answer: Which report?' });
  await toast.waitFor();
  const row = editor.row(/Which report\?.*approval/);
  await row.waitFor();
  const icon = page.locator('.activitybar .action-item', { has: page.locator('a[aria-label^="Coppice"]') });
  await expect.poll(() => icon.locator('.badge-content').textContent()).toMatch(/\d/);
  await toast.getByRole('button', { name: 'Answer…' }).click();
  const details = await editor.webview('.wait-form');
  await details.locator('h2', { hasText: 'order' }).waitFor();
  await details.getByLabel('Topic').selectOption({ label: 'stock' });
  expect(await findBarriers(details)).toEqual([]);
  await takePicture(page, 'vscode-inbox-light', { forDocs: true });
  await details.getByRole('button', { name: 'Approve' }).click();
  await row.waitFor({ state: 'detached' });
  const { items } = await server.client.tasks.events({ treeId });
  expect(items.find(({ type }) => type === 'SignalReceived')?.actor?.face).toBe('editor');
});

it('a thousand copies of a task are one row with counts that opens, while they come (R-RO-10)', async () => {
  const treeId = await begin([
    { id: 'shop' },
    delay('list', 'shop', { ms: 3000 }),
    {
      ...delay('images', 'shop', { ms: 1, after: ['list'] }),
      forEach: Array.from({ length: 1000 }, (_, at) => at),
      label: 'image ${{ item }}',
    },
    delay('index', 'shop', { ms: 600_000, after: ['images'] }),
  ]);
  await editor.unfold(/shop/);
  await editor.row(/images.*pending/).waitFor();
  await editor.row(/images.*1000\/1000/).waitFor();
  expect(await editor.row(/image \d/).count()).toBe(0);
  await editor.unfold(/images/);
  await editor
    .row(/image 0/)
    .first()
    .waitFor();
  await server.client.tasks.cancel({ taskId: treeId });
  await editor.row(/shop.*cancelled/).waitFor();
});

it('acts on several trees, after showing what would happen to each (R-RT-13)', async () => {
  const nap = (name: string) => begin([{ id: 'root', name }, delay('sleep', 'root', { ms: 600_000 })]);
  const treeIds = [await nap('nap one'), await nap('nap two'), await nap('nap three')];
  await editor.row(/nap one/).click();
  await editor.row(/nap two/).click({ modifiers: ['Control'] });
  await editor.row(/nap three/).click({ modifiers: ['Control'] });
  await editor.menu(editor.row(/nap two/), 'Cancel');
  const picker = page.locator('.quick-input-widget');
  await picker.getByText('3 trees with 6 tasks will be cancelled.').waitFor();
  // What is taken out of the list is left alone.
  await picker.locator('.monaco-list-row', { hasText: 'nap one' }).click();
  await takePicture(page, 'vscode-bulk-light', { forDocs: true });
  await picker.locator('.monaco-button', { hasText: 'OK' }).click();
  await page.locator('.notification-toast', { hasText: '2 trees with 4 tasks cancelled.' }).waitFor();
  const { items } = await server.client.tasks.list({ treeIds });
  expect(items.map(({ name, runStatus }) => [name, runStatus])).toEqual([
    ['nap three', 'cancelled'],
    ['nap two', 'cancelled'],
    ['nap one', 'running'],
  ]);
});

it('lists what gates let pass, and sets another limit (R-LM-07)', async () => {
  await server.client.limits.set({ gate: 'executor:delay', limit: 1 });
  await editor.command('Coppice: Limits');
  const picker = page.locator('.quick-input-widget');
  const gate = picker.locator('.monaco-list-row', { hasText: 'executor:delay' });
  await gate.filter({ hasText: 'of 1 in use' }).click();
  await picker.filter({ hasText: 'lets nothing start' }).waitFor();
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  const limit = async () => (await server.client.limits.get({ gate: 'executor:delay' })).items[0];
  await expect.poll(async () => (await limit())?.limit).toBe(2);
  expect((await limit())?.set?.by.face).toBe('editor');
  await server.client.limits.set({ gate: 'executor:delay', limit: 'configured' });
});

it('asked for nothing beyond this machine', () => {
  expect([...editor.browser.outside]).toEqual([]);
});
