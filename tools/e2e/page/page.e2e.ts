/** The web page in a real browser, against a real server with real runs. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseDefinition } from '@coppice/definition';
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { releaseTree } from '../trees.ts';
import { openPage } from './open-page.ts';

const { server, browser, page, item, node, logIn } = await openPage();

/** Where the name of a group stands in its frame: its middle belongs to a member. */
const NAME = { x: 60, y: 12 };

it('is served under a strict policy', async () => {
  const { headers } = await fetch(server.url);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
  expect(headers.get('content-security-policy')).not.toContain('unsafe');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('asks for a token, and says when it is wrong', async () => {
  await page.goto(server.url);
  await page.getByLabel('Token of this server').fill('wrong');
  await page.getByRole('button', { name: 'Show the trees' }).click();
  await page.getByRole('alert').filter({ hasText: 'does not know this token' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await logIn();
});

it('shows a run while it happens, as a graph, and its failure', async () => {
  const { treeId } = await server.client.tasks.execute({ ...releaseTree(), reidentify: true });
  await item('release').click();
  await node('compile').waitFor();
  await page.locator('.run-status:visible', { hasText: 'failed' }).waitFor();
  await expect.poll(() => page.locator('.node.status-failed .node-name').allTextContents()).toContain('deploy eu');
  await expect.poll(() => page.locator('.run-facts').textContent()).toMatch(/\d+ of \d+ tasks/);
  expect(new URL(page.url()).hash).toBe(`#${treeId}`);
  await takePicture(page, 'page-graph-light', { forDocs: true });
});

it('shows one selection everywhere, by mouse and by keyboard, with what it waits for', async () => {
  await node('flaky upload').click();
  await page.locator('.details h2', { hasText: 'flaky upload' }).waitFor();
  await page.locator('.details .attempts tr', { hasText: /1.*failed, tried again/ }).waitFor();
  await page.locator('.details .attempts tr', { hasText: /2.*completed/ }).waitFor();
  await page.locator('.details .times dt', { hasText: 'Ended' }).waitFor();
  await expect.poll(() => page.locator('.edge-in').count()).toBe(1);
  await expect.poll(() => page.locator('.edge-out').count()).toBe(1);
  const tree = page.getByRole('tree');
  await tree.focus();
  await page.keyboard.press('Home');
  for (const name of ['fetch', 'build', 'compile']) {
    await page.keyboard.press('ArrowDown');
    await page.locator('.details h2', { hasText: name }).waitFor();
  }
  const active = await tree.getAttribute('aria-activedescendant');
  await expect.poll(() => page.locator(`[id="${active}"]`).getAttribute('aria-label')).toMatch(/^compile, completed, /);
  await page.keyboard.press('ArrowLeft');
  await page.locator('.details h2', { hasText: 'build' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await node('compile').waitFor({ state: 'detached' });
  await expect.poll(() => node('build').getAttribute('aria-expanded')).toBe('false');
  await page.keyboard.press('ArrowRight');
  await node('compile').waitFor();
});

it('finds tasks, and goes from one to the next', async () => {
  await page.getByRole('tree').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('TEST U');
  await page.locator('.found', { hasText: '2 found' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.found', { hasText: '1 of 2 found' }).waitFor();
  await page.locator('.details h2', { hasText: 'test unit' }).waitFor();
  await page.getByLabel('Find a task').fill('');
});

it('keeps in its window what was there when the window has another size', async () => {
  const size = page.viewportSize() ?? { width: 0, height: 0 };
  const stage = async () => (await page.locator('.graph-near').boundingBox()) ?? { x: 0, width: 0 };
  const nodes = page.locator('.graph .node');
  /** How far the node is from the middle of the window, in px across. */
  const fromMiddle = async (): Promise<number> => {
    const { x, width } = await stage();
    return ((await node('flaky upload').boundingBox())?.x ?? 0) - x - width / 2;
  };
  const outside = async (): Promise<number> => {
    const { x, width } = await stage();
    const boxes = await Promise.all((await nodes.all()).map((each) => each.boundingBox()));
    return boxes.filter((box) => box === null || box.x < x || box.x + box.width > x + width).length;
  };
  await page.getByRole('tree').focus();
  await page.keyboard.press('0');
  const count = await nodes.count();
  await page.setViewportSize({ width: size.width - 200, height: size.height });
  await expect.poll(async () => (await stage()).width).toBeLessThan(size.width - 200);
  await expect.poll(outside).toBe(0);
  expect(await nodes.count()).toBe(count);
  const nodeWidth = async () => (await node('flaky upload').boundingBox())?.width ?? 0;
  const fitted = await nodeWidth();
  // A zoom is drawn in the next frame: a place that is measured before it is that of another picture.
  await page.keyboard.press('+');
  await expect.poll(nodeWidth).toBeGreaterThan(fitted * 1.1);
  await page.keyboard.press('-');
  await expect.poll(nodeWidth).toBeCloseTo(fitted, 0);
  const place = await fromMiddle();
  await page.setViewportSize(size);
  await expect.poll(async () => Math.abs((await fromMiddle()) - place)).toBeLessThan(2);
});

it('has no barriers, in light and dark and with forced colours', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    expect(await findBarriers(page)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
  expect(await findBarriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'none' });
  await node('deploy eu').click();
  await page.locator('.details .problem', { hasText: 'no such region' }).waitFor();
  await page.getByRole('tree').focus();
  await page.keyboard.press('0');
  await takePicture(page, 'page-graph-dark', { forDocs: true });
  await page.emulateMedia({ colorScheme: 'light' });
});

it('shows the same run in time, and any moment of it', async () => {
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await page.locator('.row', { hasText: 'test browser' }).waitFor();
  await expect.poll(() => page.locator('.row.is-selected .row-label').textContent()).toBe('deploy eu');
  const label = () => page.locator('.row', { hasText: 'flaky upload' }).getAttribute('aria-label');
  await expect.poll(label).toMatch(/ran \d+ms \(attempt 1, retry\), backed off .*, ran \d+ms \(attempt 2, completed\)/);
  await expect.poll(() => page.locator('.row.is-critical').count()).toBeGreaterThan(2);
  await takePicture(page, 'page-timeline-light', { forDocs: true });
  const slider = page.getByLabel('Event that is shown');
  await slider.focus();
  await page.keyboard.press('Home');
  await page.locator('.cursor-note:visible', { hasText: 'The state at event 1 of' }).waitFor();
  await expect.poll(() => page.locator('.run-status:visible').first().textContent()).toMatch(/created/);
  for (let step = 0; step < 12; step += 1) await page.keyboard.press('ArrowRight');
  await page.locator('.cursor-note:visible', { hasText: 'The state at event 13 of' }).waitFor();
  await page.locator('.facts', { hasText: 'pending' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await takePicture(page, 'page-timeline-dark', { forDocs: true });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByRole('tab', { name: 'Graph' }).click();
  await page.locator('.graph .node.status-running').first().waitFor();
  await page.getByRole('button', { name: 'Back to now' }).first().click();
  await page.locator('.run-status:visible', { hasText: 'failed' }).first().waitFor();
});

it('runs a part again as a copy: what is reused is seen before, inputs are edited', async () => {
  await node('test load').click();
  await page.getByRole('button', { name: 'Copy …' }).click();
  const dialog = page.getByRole('dialog');
  await expect
    .poll(() => dialog.locator('p').first().textContent())
    .toMatch(/The copy runs \d+ tasks? again, reuses \d+ results?\./);
  const before = await server.client.tasks.count();
  await dialog.getByText('test load (delay)').click();
  await dialog.getByLabel('Inputs of test load').fill('{ "ms": "soon" }');
  await dialog.getByRole('button', { name: 'Run the copy' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Inputs of test load').fill('{ "ms": 5 }');
  expect(await findBarriers(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Run the copy' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.tree-item[aria-current]', { hasText: 'copy' }).waitFor();
  await node('test load').waitFor();
  await page.locator('.node.is-reused').first().waitFor();
  expect((await server.client.tasks.count()).total).toBe(before.total);
});

it('throws a copy away that nobody wants', async () => {
  const before = await server.client.tasks.count();
  await page.getByRole('button', { name: 'Copy …' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(async () => (await server.client.tasks.count()).total).toBe(before.total);
});

it('starts a tree, cancels it, runs it again and deletes it', async () => {
  await page.getByRole('button', { name: 'New tree' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Tasks as JSON').fill('[{ "id": "x", "executor": "dely" }]');
  await dialog.getByRole('button', { name: 'Run' }).click();
  await dialog.getByRole('alert').filter({ hasText: "did you mean 'delay'" }).waitFor();
  const tasks = [{ id: 'nap' }, { id: 'long', parentId: 'nap', executor: 'delay', inputs: { ms: 600_000 } }];
  await dialog.getByLabel('Tasks as JSON').fill(JSON.stringify(tasks));
  await dialog.getByRole('button', { name: 'Run' }).click();
  await page.locator('.run-status:visible', { hasText: 'running' }).waitFor();
  await node('nap').click({ position: NAME });
  await page.locator('.details').getByRole('button', { name: 'Cancel' }).click();
  await page.locator('.run-status:visible', { hasText: 'cancelled' }).waitFor();
  await page.getByRole('button', { name: 'Retry what failed' }).click();
  await page.locator('.run-status:visible', { hasText: 'running' }).waitFor();
  await page.locator('.details').getByRole('button', { name: 'Cancel' }).click();
  await page.locator('.run-status:visible', { hasText: 'cancelled' }).waitFor();
  await page.getByRole('button', { name: 'Delete …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await item('nap').waitFor({ state: 'detached' });
});

it('shows names, outputs and errors of others as text, whatever they hold', async () => {
  const bad =
    '<img src=x onerror="document.title=1"><script>document.title=2</script> [x](javascript:alert(1)) \u202e\u001b[2J';
  const tasks = [
    { id: 'foreign', name: `foreign ${bad}` },
    {
      id: 'prints',
      name: `prints ${bad}`,
      parentId: 'foreign',
      executor: 'command',
      inputs: { command: 'echo', args: [bad] },
    },
    {
      id: 'fails',
      name: `fails ${bad}`,
      parentId: 'foreign',
      executor: 'command',
      inputs: { command: 'sh', args: ['-c', 'echo "$0" >&2; exit 1', bad] },
    },
  ];
  await server.client.tasks.execute({ tasks, reidentify: true, wait: true });
  await item('foreign').click();
  for (const name of ['prints', 'fails']) {
    const named = page.locator('.node-name', { hasText: new RegExp(`^${name}`) });
    await page.locator('.node', { has: named }).click();
    await page.locator('.details h2', { hasText: `${name} <img src=x` }).waitFor();
    await page.locator('.details', { hasText: 'onerror="document.title=1"' }).waitFor();
  }
  await page.locator('.details', { hasText: '[x](javascript:alert(1))' }).waitFor();
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
  expect(await page.title()).not.toMatch(/^[12]$/);
});

/** Runs the example whose report a person orders. */
async function orderReport(): Promise<string> {
  const file = resolve(import.meta.dirname, '../../../examples/form-driven-report/form-driven-report.coppice.yaml');
  const parsed = parseDefinition(await readFile(file, 'utf8'), file);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { treeId } = await server.client.tasks.execute({ ...parsed.definition.params, reidentify: true });
  return treeId;
}

it('leads to what waits for an answer, shows what is wrong beside its field, and takes the answer (R-SN-01)', async () => {
  const treeId = await orderReport();
  await page.getByRole('button', { name: '1 waiting' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.wait-item', { hasText: 'Which report?' }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.locator('.wait-item', { hasText: 'Which report?' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.details h2', { hasText: 'order' }).waitFor();
  const form = page.locator('.wait-form');
  await form.getByText('There are figures of: sales stock').waitFor();
  await form.getByText('May be answered by the owner of the tree').waitFor();
  await expect.poll(() => form.getByLabel('Days').inputValue()).toBe('7');
  await form.getByLabel('Topic').selectOption({ label: 'stock' });
  await form.getByLabel('Days').fill('91');
  await form.getByRole('button', { name: 'Approve' }).click();
  await form.locator('.field-problem:visible', { hasText: '90' }).waitFor();
  await form.getByRole('alert').filter({ hasText: 'See the marked fields.' }).waitFor();
  // It has the focus, and what was typed is still there.
  await expect.poll(() => form.locator('[aria-invalid]:focus').inputValue()).toBe('91');
  expect(await findBarriers(page)).toEqual([]);
  await form.getByLabel('Days').fill('30');
  await form.getByLabel('Comment').fill('<b>fine</b>');
  await takePicture(page, 'page-approval-light');
  await form.getByRole('button', { name: 'Approve' }).focus();
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'detached' });
  await page.locator('.details .explained:visible', { hasText: /^Approved by .*: <b>fine<\/b>$/ }).waitFor();
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
  await page.locator('.waits-button').waitFor({ state: 'hidden' });
  const { items } = await server.client.tasks.events({ treeId });
  const received = items.find(({ type }) => type === 'SignalReceived');
  expect(received?.data).toMatchObject({ payload: { approved: true, values: { topic: 'stock', days: 30 } } });
});

it('takes the form away when somebody else has answered, and says who (R-SN-01)', async () => {
  const treeId = await orderReport();
  await page.getByRole('button', { name: '1 waiting' }).click();
  await page.locator('.wait-item', { hasText: 'Which report?' }).click();
  const form = page.locator('.wait-form');
  await form.getByLabel('Comment').fill('half of a com');
  const { items } = await server.client.waits.list({ treeId });
  await server.client.waits.answer({ taskId: items[0]?.taskId ?? '', approved: false, comment: 'not today' });
  await form.waitFor({ state: 'detached' });
  await page.locator('.details .explained:visible', { hasText: /^Rejected by .*: not today$/ }).waitFor();
  await page.locator('.waits-button').waitFor({ state: 'hidden' });
});

it('goes on after the server was killed and started again, and says so meanwhile', async () => {
  const tasks = [
    { id: 'survivor' },
    { id: 'first', parentId: 'survivor', executor: 'delay', inputs: { ms: 50 } },
    { id: 'second', parentId: 'survivor', executor: 'delay', inputs: { ms: 1500 }, dependencies: ['first'] },
    { id: 'third', parentId: 'survivor', executor: 'delay', inputs: { ms: 10 }, dependencies: ['second'] },
  ];
  await server.client.tasks.execute({ tasks, reidentify: true });
  await item('survivor').click();
  await page.locator('.node.status-running', { hasText: 'second' }).waitFor();
  await node('third').click();
  await page.locator('.details .waits-for li', { hasText: 'second' }).waitFor();
  await page.locator('.details .explained:visible').waitFor();
  await page.locator('.details .waits-for').getByRole('button', { name: 'second' }).click();
  await page.locator('.details h2', { hasText: 'second' }).waitFor();
  await server.kill();
  await page.locator('.freshness', { hasText: 'connection lost' }).waitFor();
  await page.locator('.notice:visible', { hasText: 'last known state' }).first().waitFor();
  await server.restart();
  await page.locator('.freshness', { hasText: 'live' }).waitFor();
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
  expect(await page.locator('.tree-item', { hasText: 'survivor' }).count()).toBe(1);
  expect(await page.locator('.node').count()).toBe(4);
});

it('keeps its place over a reload, and forgets the token when asked to', async () => {
  await page.reload();
  await page.locator('.run-name', { hasText: 'survivor' }).waitFor();
  await page.getByRole('button', { name: 'Leave: forget the token' }).click();
  await page.getByLabel('Token of this server').waitFor();
  await page.reload();
  await page.getByLabel('Token of this server').waitFor();
});

it('asked for nothing beyond this machine, and nothing went wrong in it', () => {
  expect([...browser.outside]).toEqual([]);
  // A browser notes every lost connection; the server was killed on purpose.
  expect(browser.problems.filter((text) => !text.includes('WebSocket connection'))).toEqual([]);
});
