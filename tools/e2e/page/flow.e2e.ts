/** The graph as a flow, in a real browser: what stands where, the tree as the other choice, and small and large trees to look at. */
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { fleetTree, releaseTree } from '../trees.ts';
import { openPage } from './open-page.ts';

const { server, browser, page, node, logIn, showTree } = await openPage({ width: 1600 });
await logIn();

interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The rectangle of a node, without its text: a long name does not count. */
async function boxOf(name: string): Promise<Rectangle> {
  const { x, y, width, height } = (await node(name).locator('.node-box').boundingBox()) ?? {
    x: NaN,
    y: NaN,
    width: NaN,
    height: NaN,
  };
  return { left: x, right: x + width, top: y, bottom: y + height };
}

function isInside(inner: Rectangle, outer: Rectangle): boolean {
  return inner.left > outer.left && inner.right < outer.right && inner.top > outer.top && inner.bottom < outer.bottom;
}

async function show(tree: ReturnType<typeof releaseTree>): Promise<string> {
  const { treeId } = await server.client.tasks.execute({ ...tree, reidentify: true, wait: true });
  await showTree(treeId);
  return treeId;
}

it('groups are boxes around their members, and what waits stands to the right of what it waits for', async () => {
  await show(releaseTree());
  await page.locator('.run-status:visible', { hasText: 'failed' }).waitFor();
  for (const [member, group] of [
    ['compile', 'build'],
    ['bundle', 'build'],
    ['build', 'release'],
    ['test load', 'test'],
    ['deploy eu', 'deploy'],
  ] as const) {
    await expect.poll(async () => isInside(await boxOf(member), await boxOf(group))).toBe(true);
  }
  for (const [first, then] of [
    ['fetch', 'build'],
    ['compile', 'bundle'],
    ['lint', 'bundle'],
    ['build', 'test'],
    ['bundle', 'flaky upload'],
    ['deploy', 'announce'],
  ] as const) {
    await expect.poll(async () => (await boxOf(first)).right < (await boxOf(then)).left).toBe(true);
  }
  // One arrow to the group of tests for all of its members, and none from one box of it to another.
  await node('test api').click();
  await expect.poll(() => page.locator('.edge-in').count()).toBe(1);
  await page.locator('.details h2', { hasText: 'test api' }).waitFor();
  await node('compile').hover();
  await expect.poll(() => page.locator('.edge-out').count()).toBe(2);
});

it('a group keeps its corner where it is when it is folded, and everything is there when it is opened again', async () => {
  const corner = async (): Promise<readonly number[]> => {
    const { left, top } = await boxOf('build');
    return [Math.round(left), Math.round(top)];
  };
  const before = await corner();
  await node('build').locator('.node-toggle').click();
  await node('compile').waitFor({ state: 'detached' });
  await page.locator('.node.is-collapsed', { hasText: 'build' }).waitFor();
  expect(await corner()).toEqual(before);
  await node('build').locator('.node-toggle').click();
  await node('compile').waitFor();
  expect(await corner()).toEqual(before);
});

it('a wait for a failure looks another way, and groups that wait for each other have lines back', async () => {
  const task = (id: string, parentId: string, dependencies: readonly (string | object)[] = []) => ({
    id,
    name: id,
    parentId,
    executor: 'delay',
    inputs: { ms: 1 },
    dependencies: [...dependencies],
  });
  await show({
    tasks: [
      { id: 'app' },
      { id: 'front', parentId: 'app' },
      { id: 'back', parentId: 'app' },
      task('front build', 'front'),
      task('back build', 'back', ['front build']),
      task('back deploy', 'back', ['back build']),
      task('front deploy', 'front', ['front build', 'back deploy']),
      task('alarm', 'app', [{ task: 'back', on: ['failure'] }]),
    ],
  } as ReturnType<typeof releaseTree>);
  await node('front deploy').waitFor();
  expect((await boxOf('front')).right).toBeLessThan((await boxOf('back')).left);
  await page.locator('.legend-trouble:visible').waitFor();
  await expect.poll(() => page.locator('.edge-trouble').getAttribute('d')).toMatch(/^M/);
  await node('front deploy').click();
  await expect.poll(() => page.locator('.edge-in').count()).toBe(2);
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'flow-crossing-light');
});

it('the tree is the other picture, and the choice is remembered', async () => {
  await show(releaseTree());
  await page.getByRole('button', { name: /^Tree: / }).click();
  await expect.poll(async () => isInside(await boxOf('compile'), await boxOf('build'))).toBe(false);
  await expect.poll(async () => (await boxOf('compile')).left > (await boxOf('build')).right).toBe(true);
  expect(await findBarriers(page)).toEqual([]);
  await page.reload();
  await node('compile').waitFor();
  await expect.poll(async () => (await boxOf('compile')).left > (await boxOf('build')).right).toBe(true);
  const pressed = () => page.getByRole('button', { name: /^Tree: / }).getAttribute('aria-pressed');
  expect(await pressed()).toBe('true');
  await page.getByRole('button', { name: /^Tree: / }).click();
  await expect.poll(async () => isInside(await boxOf('compile'), await boxOf('build'))).toBe(true);
  expect(await pressed()).toBe('false');
});

it('a multiplied task is one box with counts, whose copies come while it runs and open as a list', async () => {
  const items = Array.from({ length: 60 }, (_, at) => at);
  const { treeId } = await server.client.tasks.execute({
    tasks: [
      { id: 'shop' },
      { id: 'list', name: 'list', parentId: 'shop', executor: 'delay', inputs: { ms: 1500 } },
      {
        id: 'images',
        name: 'images',
        parentId: 'shop',
        executor: 'delay',
        inputs: { ms: 20 },
        dependencies: ['list'],
        forEach: items,
        label: 'image ${{ item }}',
      },
      { id: 'index', name: 'index', parentId: 'shop', executor: 'delay', inputs: { ms: 1 }, dependencies: ['images'] },
    ],
    reidentify: true,
  });
  await showTree(treeId);
  await node('list').waitFor();
  const before = await boxOf('images');
  await page.locator('.node.is-collapsed .node-detail', { hasText: '60/60' }).waitFor();
  // One box all the time: where it was, and none of its copies beside it.
  expect(await boxOf('images')).toEqual(before);
  expect(await page.locator('.graph .node').count()).toBe(4);
  await node('images').locator('.node-toggle').click();
  await node('image 0').waitFor();
  await page.getByRole('tree').focus();
  await page.keyboard.press('0');
  await node('image 59').waitFor();
  for (const name of ['image 0', 'image 30', 'image 59'])
    await expect.poll(async () => isInside(await boxOf(name), await boxOf('images'))).toBe(true);
  await expect.poll(async () => (await boxOf('images')).right < (await boxOf('index')).left).toBe(true);
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'flow-multiplied-light');
});

it('shows the tree, and says why, where the worker can not be loaded', async () => {
  await show(releaseTree());
  await page.route('**/layout.js', (route) => route.abort());
  await page.reload();
  await page.locator('.graph-note', { hasText: 'The flow can not be laid out' }).waitFor();
  await node('compile').waitFor();
  await expect.poll(async () => (await boxOf('compile')).left > (await boxOf('build')).right).toBe(true);
  await page.unroute('**/layout.js');
  await page.getByRole('button', { name: /^Tree: / }).click();
  await expect.poll(async () => isInside(await boxOf('compile'), await boxOf('build'))).toBe(true);
  await expect.poll(() => page.locator('.graph-note').textContent()).toBe('');
});

it.each([
  ['ten', { tasks: releaseTree().tasks.slice(0, 10) }],
  ['two-hundred', fleetTree(20)],
  ['five-thousand', fleetTree(500)],
])('a tree of %s tasks is a picture, in light and dark', async (name, tree) => {
  await show(tree);
  const drawn = () => page.locator('.graph .node').count();
  await expect.poll(drawn).toBeGreaterThan(3);
  await takePicture(page, `flow-${name}-light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Unfold all groups' }).click();
  await page.getByRole('tree').focus();
  await page.keyboard.press('0');
  await expect.poll(drawn).toBeGreaterThan(0);
  await takePicture(page, `flow-${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
});

it('of a large tree the groups are folded at first, and only what is in the window is in the document', async () => {
  await show(fleetTree(500));
  await page.locator('.node.is-collapsed', { hasText: 'services' }).waitFor();
  expect(await page.locator('.graph .node').count()).toBeLessThan(20);
  await page.getByRole('button', { name: 'Unfold all groups' }).click();
  // Fitted, it is too far to be read: one canvas, and of the nodes only the selected one.
  await expect.poll(() => page.locator('.graph .node').count()).toBeGreaterThan(0);
  await page.getByRole('tree').focus();
  await page.keyboard.press('/');
  await page.keyboard.type('contract');
  await page.locator('.found', { hasText: '500 found' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.details h2', { hasText: 'contract' }).waitFor();
  for (let step = 0; step < 6; step += 1) await page.getByRole('button', { name: 'Zoom in' }).click();
  await node('contract').waitFor();
  await expect.poll(() => page.locator('.graph .node').count()).toBeLessThan(400);
  await page.getByLabel('Find a task').fill('');
});

it('asked for nothing beyond this machine, and nothing went wrong in it', () => {
  expect([...browser.outside]).toEqual([]);
  // The script of the worker was refused on purpose.
  expect(browser.problems.filter((text) => !text.includes('ERR_FAILED'))).toEqual([]);
});
