/** A run while it goes on, in a real browser: how far its groups are, what a pause stops, and tasks that come into it. */
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { delay } from '../trees.ts';
import { openPage } from './open-page.ts';

const { server, browser, page, node, item, logIn, showTree } = await openPage();
await logIn();

it('shows how far each group is, in its box, in the details and in the timeline, and how long the run still takes (R-PR-06)', async () => {
  // The average of the executor is known from now on.
  await server.client.tasks.execute({
    tasks: [{ id: 'warm', executor: 'delay', inputs: { ms: 1500 } }],
    wait: true,
  });
  const { treeId } = await server.client.tasks.execute({
    tasks: [
      { id: 'nightly' },
      { id: 'import', parentId: 'nightly' },
      delay('read', 'import', { ms: 1 }),
      delay('hold on', 'import', { ms: 600_000, after: ['read'] }),
      delay('write', 'import', { ms: 600_000, after: ['hold on'] }),
      delay('tidy up', 'import', { ms: 600_000, after: ['write'] }),
    ],
    reidentify: true,
  });
  await showTree(treeId);
  await node('import').locator('.node-detail', { hasText: '1/4 (25 %)' }).waitFor();
  await page
    .locator('.run-facts:visible', { hasText: /^1 of 5 tasks \(20 %\) · 1 running .* left \(longest chain\)$/ })
    .waitFor();
  const progress = page.locator('.details .progress');
  await progress.getByText('1/5 (20 %) · 1 running').waitFor();
  await progress.getByText(/^~.* left \(longest chain\)$/).waitFor();
  await node('import').click({ position: { x: 60, y: 12 } });
  await progress.getByText('1/4 (25 %) · 1 running').waitFor();
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await page.locator('.row', { hasText: 'import' }).locator('.row-toggle').click();
  await page.locator('.row .row-counts', { hasText: '1/4 (25 %)' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole('tab', { name: 'Graph' }).click();
});

it('pauses and resumes a run and a part of it, and says so in row, graph, details and header (R-CP-08)', async () => {
  const buttons = page.locator('.details .buttons');
  await buttons.getByRole('button', { name: 'Pause' }).click();
  await buttons.getByRole('button', { name: 'Resume' }).waitFor();
  // A part of the run is paused: the run itself goes on.
  await page
    .locator('.details .explained.is-paused', {
      hasText: /^Pausing since .* by .*, from the page\.$/,
    })
    .waitFor();
  await expect.poll(() => node('import').getAttribute('aria-label')).toContain('pausing');
  await page.locator('.run-status:visible', { hasText: 'running' }).waitFor();
  await buttons.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.details .explained.is-paused').waitFor({ state: 'detached' });
  await node('nightly').click({ position: { x: 60, y: 12 } });
  await buttons.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.run-status:visible', { hasText: 'pausing' }).waitFor();
  await item('nightly').locator('.item-facts', { hasText: 'pausing' }).waitFor();
  const { treeId } = await newest();
  // Its attempt is released, so that the pause is reached.
  await server.client.tasks.pause({ taskId: treeId, force: true });
  await page.locator('.run-status:visible', { hasText: 'paused' }).waitFor();
  await item('nightly').locator('.item-facts', { hasText: 'paused' }).waitFor();
  await page.locator('.node.is-paused', { hasText: 'hold on' }).waitFor();
  await page.locator('.details .explained.is-paused', { hasText: /^Paused since/ }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'page-paused-light');
  await buttons.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.run-status:visible', { hasText: 'running' }).waitFor();
  await page.locator('.node.status-running', { hasText: 'hold on' }).waitFor();
  expect(await page.locator('.node.is-paused').count()).toBe(0);
  const { items } = await server.client.tasks.events({ treeId });
  const paused = items.filter(({ type }) => type === 'TaskPausing' || type === 'TaskResumed');
  expect(paused.map(({ type, actor }) => [type, actor?.face])).toEqual([
    ['TaskPausing', 'page'],
    ['TaskResumed', 'page'],
    ['TaskPausing', 'page'],
    ['TaskResumed', 'page'],
  ]);
  await server.client.tasks.cancel({ taskId: treeId });
});

async function newest(): Promise<{ readonly treeId: string }> {
  const { items } = await server.client.tasks.list({ limit: 1 });
  return { treeId: items[0]?.treeId ?? '' };
}

it('says of each dependency what became of it and why, now and at any moment (R-PR-09)', async () => {
  const { treeId } = await server.client.tasks.execute({
    tasks: [
      { id: 'routed' },
      { id: 'measure', parentId: 'routed', executor: 'command', inputs: { command: 'true' } },
      delay('large', 'routed', { ms: 1, after: [{ task: 'measure', condition: 'output.exitCode > 0' }] }),
      delay('small', 'routed', { ms: 1, after: [{ task: 'measure', condition: 'output.exitCode == 0' }] }),
      { ...delay('report', 'routed', { ms: 1, after: ['large', 'small'] }), join: 'any' },
    ],
    reidentify: true,
    wait: true,
  });
  await showTree(treeId);
  await node('large').click();
  const decided = page.locator('.details .depends-on li');
  await decided
    .filter({
      hasText: 'measure does not lead here: the condition is false: output.exitCode > 0 (output.exitCode is 0)',
    })
    .waitFor();
  await node('report').click();
  await decided.filter({ hasText: /large does not lead here/ }).waitFor();
  await decided.filter({ hasText: /small led here/ }).waitFor();
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await page.getByLabel('Event that is shown').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect
    .poll(() => decided.allTextContents())
    .toEqual([expect.stringContaining('not decided yet'), expect.stringContaining('not decided yet')]);
  await page.getByRole('button', { name: 'Back to now' }).first().click();
  await page.getByRole('tab', { name: 'Graph' }).click();
});

it('a thousand copies of a task are one row with counts that opens, in graph and timeline, while they come (R-RO-10)', async () => {
  const { treeId } = await server.client.tasks.execute({
    tasks: [
      { id: 'shop' },
      delay('list', 'shop', { ms: 700 }),
      {
        ...delay('images', 'shop', { ms: 1, after: ['list'] }),
        forEach: Array.from({ length: 1000 }, (_, at) => at),
        label: 'image ${{ item }}',
      },
      delay('index', 'shop', { ms: 600_000, after: ['images'] }),
    ],
    reidentify: true,
  });
  await showTree(treeId);
  await page.getByRole('tab', { name: 'Timeline' }).click();
  const rows = page.locator('.timeline .row[data-id]');
  await expect.poll(() => rows.count()).toBe(4);
  await page.locator('.row', { hasText: 'images' }).locator('.row-counts', { hasText: '1000/1000' }).waitFor();
  expect(await rows.count()).toBe(4);
  await page.locator('.row', { hasText: 'images' }).locator('.row-toggle').click();
  await page.locator('.row', { hasText: 'image 0' }).waitFor();
  // A thousand rows, of which only those are in the document that can be seen.
  await expect.poll(() => page.locator('.timeline-scroll').getAttribute('aria-rowcount')).toBe('1005');
  expect(await rows.count()).toBeLessThan(80);
  await page.getByRole('tab', { name: 'Graph' }).click();
  await page.locator('.node.is-collapsed .node-detail', { hasText: '1000/1000' }).waitFor();
  expect(await page.locator('.graph .node').count()).toBe(4);
  await server.client.tasks.cancel({ taskId: treeId });
});

it('says over everything what is held, by whom and why; holds and releases (R-CP-09)', async () => {
  await page.getByRole('button', { name: 'Hold: for maintenance' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What').selectOption('A tag');
  await dialog.getByRole('button', { name: 'Hold', exact: true }).click();
  await dialog.getByRole('alert').filter({ hasText: 'Name the tag.' }).waitFor();
  await dialog.getByLabel('What').selectOption('The executor delay');
  await dialog.getByLabel('Why').fill('the clock is changed');
  expect(await findBarriers(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Hold', exact: true }).click();
  const held = page.locator('.hold');
  await held.getByText(/^Held: executor delay, by .*, from the page, since .*: the clock is changed$/).waitFor();
  const { treeId } = await server.client.tasks.execute({
    tasks: [{ id: 'late' }, delay('first', 'late', { ms: 1 })],
    reidentify: true,
  });
  await showTree(treeId);
  const box = page.locator('.node.is-paused', { hasText: 'first' });
  await box.filter({ hasText: 'held · the clock' }).waitFor();
  await node('first').click();
  await page.locator('.details .explained:visible', { hasText: /holds the executor delay|holds .*delay/ }).waitFor();
  // Somebody else sets another one.
  await server.client.holds.set({ tag: 'nightly' });
  await held.getByText(/^Held: tag nightly/).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'page-held-light', { forDocs: true });
  await page.getByRole('button', { name: 'Release executor delay' }).click();
  await box.waitFor({ state: 'detached' });
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
  await server.client.holds.release({ tag: 'nightly' });
  await held.waitFor({ state: 'detached' });
  expect((await server.client.holds.history({})).items.map(({ type, by }) => [type, by.face])).toEqual([
    ['HoldSet', 'page'],
    ['HoldSet', 'rpc'],
    ['HoldReleased', 'page'],
    ['HoldReleased', 'rpc'],
  ]);
});

it('shows what gates let pass, who waits and for how long, and sets another limit (R-LM-07)', async () => {
  await server.client.limits.set({ gate: 'executor:delay', limit: 1 });
  const { treeId } = await server.client.tasks.execute({
    tasks: [{ id: 'queue' }, delay('one', 'queue', { ms: 600_000 }), delay('two', 'queue', { ms: 600_000 })],
    reidentify: true,
  });
  await page.getByRole('button', { name: /^Limits/ }).click();
  const dialog = page.getByRole('dialog').first();
  const row = dialog.locator('tr', { hasText: 'executor:delay' });
  await row.filter({ hasText: /1 of 1set by local.*; configured:.*1, oldest.*1\. two in queue, for/ }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'page-limits-light', { forDocs: true });
  await row.getByRole('button', { name: 'Change executor:delay' }).click();
  const change = page.getByRole('dialog', { name: 'Limit of executor:delay' });
  await change.getByLabel('Units at once').fill('many');
  await change.getByRole('button', { name: 'Set' }).click();
  await change.getByRole('alert').waitFor();
  await change.getByLabel('Units at once').fill('2');
  await change.getByLabel('Why').fill('two are fine');
  await change.getByRole('button', { name: 'Set' }).click();
  // The list is asked anew while somebody looks.
  await row.filter({ hasText: /2 of 2set by local: two are fine/ }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await server.client.limits.set({ gate: 'executor:delay', limit: 'configured' });
  await server.client.tasks.cancel({ taskId: treeId });
});

it('acts on several marked trees, or on all that match: what would happen is shown first (R-RT-13)', async () => {
  const nap = async (name: string): Promise<string> => {
    const tasks = [{ id: 'root', name, tags: ['batch'] }, delay('sleep', 'root', { ms: 600_000 })];
    return (await server.client.tasks.execute({ tasks, reidentify: true })).treeId;
  };
  const treeIds = [await nap('nap one'), await nap('nap two'), await nap('nap three')];
  const status = async (): Promise<readonly string[]> => {
    const { items } = await server.client.tasks.list({ treeIds });
    return items.map(({ runStatus }) => runStatus);
  };
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  const bar = page.getByRole('group', { name: 'Many trees' });
  await page.getByLabel('Select nap one').check();
  await page.getByLabel('Select nap two').check();
  await page.getByLabel('Select warm').check();
  await page.locator('.bulk-count', { hasText: '3 selected' }).waitFor();
  await bar.getByRole('button', { name: 'Cancel …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2 trees with 4 tasks will be cancelled. 1 is left out: it has ended already.').waitFor();
  await expect.poll(() => dialog.locator('.bulk-items .item-name').allTextContents()).toEqual(['nap two', 'nap one']);
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'page-bulk-light', { forDocs: true });
  // Nothing has happened yet, and nothing does when the person says so.
  expect(await status()).toEqual(['running', 'running', 'running']);
  await dialog.getByRole('button', { name: 'Do nothing' }).click();
  expect(await status()).toEqual(['running', 'running', 'running']);
  await bar.getByRole('button', { name: 'Cancel …' }).click();
  await dialog.getByRole('button', { name: 'Cancel 2 trees' }).click();
  await page.locator('.toast', { hasText: '2 trees with 4 tasks cancelled.' }).waitFor();
  await expect.poll(status).toEqual(['running', 'cancelled', 'cancelled']);
  await page.getByLabel('Find a tree').fill('#batch');
  await expect.poll(() => page.locator('.tree-item').count()).toBe(3);
  await page.getByLabel('All that match').check();
  await bar.getByRole('button', { name: 'Delete …' }).click();
  await dialog.getByText('2 trees with 4 tasks will be deleted.').waitFor();
  await dialog.getByRole('button', { name: 'Delete 2 trees' }).click();
  await expect.poll(() => page.locator('.tree-item').count()).toBe(1);
  await bar.getByRole('button', { name: 'Delete …' }).click();
  await dialog.getByText('Nothing will be deleted.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await server.client.tasks.cancel({ taskId: treeIds[2] ?? '' });
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  await page.getByLabel('Find a tree').fill('');
  await page.locator('.mark').first().waitFor({ state: 'detached' });
});

it('asked for nothing beyond this machine, and nothing went wrong in it', () => {
  expect([...browser.outside]).toEqual([]);
  expect(browser.problems).toEqual([]);
});
