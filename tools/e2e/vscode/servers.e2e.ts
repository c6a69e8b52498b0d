/** The editor with a server that runs elsewhere: token, a large live run, a killed server, a reloaded window, saved runs, other faces. */
import { savedRun } from '@coppice/ui';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { expect, it } from 'vitest';
import { packageVscode } from '../../bundle/package-vscode.ts';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { serveTests } from '../server.ts';
import { releaseTree } from '../trees.ts';
import { nodeOf, openEditor } from './open-editor.ts';
import { DEFINITION } from './workspace.ts';

const server = await serveTests();
const { editor, page, workspace, vsix } = await openEditor({
  files: { 'nightly.coppice.yaml': DEFINITION.replace('exit 3', 'exit 0') },
  theme: 'Default Dark Modern',
});

const rows = (text: string | RegExp) => editor.row(text);

/** Nodes of all documents of the page that are still held, after a collection of garbage. */
async function keptNodes(): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return metrics.find(({ name }) => name === 'Nodes')?.value ?? 0;
}

/** Work of the main thread for one frame of panning, on average; told, not judged. */
async function frameMs(graph: Frame): Promise<number> {
  return graph.evaluate<number>(`(async () => {
    const tree = document.querySelector('.graph-near');
    let sum = 0;
    for (let step = 0; step < 60; step += 1) {
      await new Promise(requestAnimationFrame);
      const begun = performance.now();
      tree.dispatchEvent(new WheelEvent('wheel', { deltaY: 37, bubbles: true, cancelable: true }));
      await new Promise((resolve) => requestAnimationFrame(() => queueMicrotask(resolve)));
      sum += performance.now() - begun;
    }
    return Math.round((sum / 60) * 10) / 10;
  })()`);
}

it('connects to a server by address and token', async () => {
  await server.client.tasks.execute({ ...releaseTree(), reidentify: true, wait: true });
  await editor.showExplorer();
  await page.locator('.welcome-view-content', { hasText: 'See every tree of tasks' }).waitFor();
  await editor.connect(server.url, server.token);
  await rows(/release.*failed/)
    .first()
    .waitFor();
});

it('shows everything in the dark', async () => {
  await editor.unfold(/release/);
  await rows('flaky upload').waitFor();
  const graph = await editor.openPanel(/release/, 'Open Graph', '.graph .node');
  await graph.locator(nodeOf('flaky upload')).click();
  expect(await findBarriers(graph)).toEqual([]);
  await takePicture(page, 'vscode-graph-dark', { forDocs: true });
  await editor.menu(rows(/release/).first(), 'Open Timeline');
  const timeline = await editor.webview('.timeline .row');
  expect(await findBarriers(timeline)).toEqual([]);
  await takePicture(page, 'vscode-timeline-dark', { forDocs: true });
});

it('restores its panels after the window was reloaded', async () => {
  const reloaded = page.waitForEvent('load');
  await editor.command('Developer: Reload Window');
  await reloaded;
  const timeline = await editor.webview('.timeline .row');
  await timeline.locator('.row', { hasText: 'flaky upload' }).waitFor();
  await page.locator('.tab', { hasText: 'release' }).first().click();
  await editor.webview('.graph .node');
  await editor.closeEditors();
});

it('filters by text and by status', async () => {
  await server.client.tasks.create({ tasks: [{ id: 'other' }], reidentify: true });
  await rows(/other.*created/).waitFor();
  await editor.command('Coppice: Filter Trees');
  await page.locator('.quick-input-widget', { hasText: 'Part of a name' }).waitFor();
  await page.locator('.quick-input-widget input').first().fill('RELE');
  await page.keyboard.press('Enter');
  await rows(/other.*created/).waitFor({ state: 'detached' });
  await rows(/release/)
    .first()
    .waitFor();
  await editor.command('Coppice: Clear the Filter');
  await rows(/other.*created/).waitFor();
});

it('deletes only after it was confirmed', async () => {
  await editor.menu(rows(/other.*created/), 'Delete…');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
  await rows(/other.*created/).waitFor();
  await editor.menu(rows(/other.*created/), 'Delete…');
  await dialog.locator('.monaco-button', { hasText: 'Delete' }).click();
  await rows(/other.*created/).waitFor({ state: 'detached' });
});

it('drops the row of a tree that someone else deleted', async () => {
  const { treeId } = await server.client.tasks.create({ tasks: [{ id: 'gone' }], reidentify: true });
  await rows(/gone.*created/).waitFor();
  await server.client.tasks.delete({ taskId: treeId });
  await rows(/gone.*created/).waitFor({ state: 'detached' });
});

async function openGraph(row: RegExp): Promise<{ readonly graph: Frame; readonly seenMs: number }> {
  const startedMs = performance.now();
  const graph = await editor.openPanel(row, 'Open Graph', '.graph .node');
  return { graph, seenMs: Math.round(performance.now() - startedMs) };
}

it('shows a live run of 5,000 tasks; one change of status repaints one row; memory is given back', async () => {
  const waiting = Array.from({ length: 4998 }, (_, index) => ({
    id: `t${index}`,
    parentId: 'wide',
    executor: 'delay',
    inputs: { ms: 1 },
    dependencies: ['gate'],
  }));
  const tasks = [
    { id: 'wide' },
    { id: 'gate', parentId: 'wide', executor: 'delay', inputs: { ms: 600_000 } },
    ...waiting,
  ];
  const { treeId } = await server.client.tasks.execute({ tasks, reidentify: true });
  const before = await keptNodes();
  await rows(/wide.*running/)
    .first()
    .waitFor();
  // The editor itself needs most of the time to open any view.
  const small = await openGraph(/release/);
  await editor.closeEditors();
  const { graph, seenMs } = await openGraph(/wide/);
  console.log(`graph of 5,000 tasks: seen after ${seenMs} ms; of a few: ${small.seenMs} ms`);
  await graph.locator('.run-facts', { hasText: 'of 4999 tasks' }).waitFor();
  // Only what can be seen is in the document.
  expect(await graph.locator('.node').count()).toBeLessThan(200);
  await graph.evaluate(`{
    const changed = window.changedNodes = new Set();
    new MutationObserver((records) => {
      for (const { target } of records) {
        const node = (target instanceof Element ? target : target.parentElement)?.closest('.node');
        if (node) changed.add(node.getAttribute('data-id'));
      }
    }).observe(document.querySelector('.graph-near'), { subtree: true, childList: true, attributes: true, characterData: true });
  }`);
  const last = `${treeId}.${(4999).toString(36)}`;
  const found = await server.client.tasks.list({ rootOnly: false, search: 't0', limit: 1000 });
  const first = found.items.find(({ name, treeId: of }) => name === 't0' && of === treeId);
  await server.client.tasks.cancel({ taskId: first?.id ?? last });
  await graph.locator('.run-facts', { hasText: '1 of 4999 tasks' }).waitFor();
  const changed = await graph.evaluate<string[]>('[...window.changedNodes]');
  // The cancelled one if it can be seen, the root whose counts it changes, and the running one whose clock ticks.
  expect(changed.length).toBeLessThanOrEqual(3);
  await server.client.tasks.cancel({ taskId: treeId });
  await rows(/wide.*cancelled/)
    .first()
    .waitFor();
  console.log(`panning 5,000 tasks: ${await frameMs(graph)} ms from the wheel to the drawn frame`);
  await editor.closeEditors();
  // Nodes of documents that are kept: those of the panel are gone.
  await expect.poll(keptNodes).toBeLessThan(before + 1000);
});

it('goes on after its server was killed and started again, without a lost or doubled row', async () => {
  const tasks = [
    { id: 'survivor' },
    { id: 'first', parentId: 'survivor', executor: 'delay', inputs: { ms: 30 } },
    { id: 'second', parentId: 'survivor', executor: 'delay', inputs: { ms: 2000 }, dependencies: ['first'] },
  ];
  await server.client.tasks.execute({ tasks, reidentify: true });
  await editor.unfold(/survivor/);
  await rows(/second.*running/).waitFor();
  await server.kill();
  await page.locator('.statusbar-item', { hasText: 'reconnecting' }).waitFor();
  await server.restart();
  await rows(/survivor.*completed/)
    .first()
    .waitFor({ timeout: 30_000 });
  await rows(/second.*completed/).waitFor();
  expect(await rows(/survivor/).count()).toBe(1);
  expect(await rows(/second/).count()).toBe(1);
  await page.locator('.statusbar-item', { hasText: 'reconnecting' }).waitFor({ state: 'detached' });
});

it('tells finished runs to the Test Explorer, and runs definitions as tasks of the editor', async () => {
  await editor.command('Tasks: Run Task');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'coppice' }).first().click();
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'run nightly.coppice.yaml' }).first().click();
  const scan = page.locator('.quick-input-list .monaco-list-row', { hasText: 'Continue without scanning' }).first();
  await scan.click();
  await rows(/Nightly.*completed/)
    .first()
    .waitFor();
  await page.locator('.terminal-wrapper').first().waitFor();
  await editor.command('Testing: Focus on Test Explorer View');
  await page.locator('.test-explorer .monaco-list-row', { hasText: 'Nightly' }).first().waitFor();
  await page.locator('.test-explorer .codicon-testing-passed-icon').first().waitFor();
  await editor.command('View: Hide Panel');
  await editor.showExplorer();
});

it('writes what happens to its log', async () => {
  await editor.command('Coppice: Show Log');
  await page.locator('.view-line', { hasText: 'RunCompleted' }).first().waitFor();
  await editor.command('View: Hide Panel');
});

it('opens a saved run without a server, read-only, with every moment of it', async () => {
  const { items } = await server.client.tasks.list({ search: 'survivor' });
  const bytes = await savedRun(server.client, items[0]?.id ?? '');
  await writeFile(join(workspace.folder, 'saved.coppice-run.gz'), bytes);
  await editor.openFile('saved.coppice-run.gz');
  const timeline = await editor.webview('.timeline .row');
  await timeline.locator('.row', { hasText: 'second' }).waitFor();
  await timeline.getByLabel('Event that is shown').focus();
  await page.keyboard.press('Home');
  await timeline.locator('.cursor-note', { hasText: 'The state at event 1' }).waitFor();
  const graph = await editor.webview('.graph .node.status-pending');
  await graph.locator('.cursor-note', { hasText: 'The state at event 1' }).waitFor();
  await editor.closeEditors();
});

it('is packed to the same bytes again', async () => {
  const again = await packageVscode(join(workspace.folder, 'again.vsix'));
  const [one, two] = await Promise.all([readFile(vsix), readFile(again)]);
  expect(one.equals(two)).toBe(true);
});

it('asked for nothing beyond this machine', () => {
  expect([...editor.browser.outside]).toEqual([]);
});
