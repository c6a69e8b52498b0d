/**
 * A run of 5,000 tasks stays smooth: what is in the document is bounded, a change of a task is a change of few nodes and no question to
 * the worker, and layouts are found in the worker. Frame times are measured and told, not judged: machines differ.
 */
import { expect, it } from 'vitest';
import { fleetTree } from '../trees.ts';
import { openPage } from './open-page.ts';

const SERVICES = 500;

const { server, browser, page, logIn, showTree } = await openPage({ width: 1600 });

/** Counts what is asked of workers, and notes how long the main thread is busy at a time. */
await page.addInitScript(`{
  const measured = (window.measured = { questions: 0, longest: 0 });
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (...args) {
    measured.questions += 1;
    return post.apply(this, args);
  };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) measured.longest = Math.max(measured.longest, duration);
  }).observe({ type: 'longtask' });
}`);
await logIn();

interface Measured {
  readonly questions: number;
  /** ms */
  readonly longest: number;
}

/** What was measured since the last time. */
async function measured(): Promise<Measured> {
  return page.evaluate<Measured>(`(() => {
    const { questions, longest } = window.measured;
    Object.assign(window.measured, { questions: 0, longest: 0 });
    return { questions, longest: Math.round(longest) };
  })()`);
}

interface FrameTimes {
  /** ms of work for a frame. */
  readonly median: number;
  readonly worst: number;
}

/** Work of the main thread for frames in which the picture is moved: from the begin of the frame until it is painted. */
async function frameTimes(): Promise<FrameTimes> {
  return page.evaluate<FrameTimes>(`(async () => {
    const tree = document.querySelector('.graph-near');
    const times = [];
    const { port1, port2 } = new MessageChannel();
    for (let step = 0; step < 60; step += 1) {
      await new Promise((resolve) => {
        let begun = 0;
        requestAnimationFrame(() => (begun = performance.now()));
        const [deltaX, deltaY] = [step % 2 ? 41 : -37, step % 3 ? 23 : -31];
        tree.dispatchEvent(new WheelEvent('wheel', { deltaX, deltaY, bubbles: true, cancelable: true }));
        requestAnimationFrame(() => {
          port2.onmessage = () => resolve(times.push(performance.now() - begun));
          port1.postMessage('');
        });
      });
    }
    times.sort((a, b) => a - b);
    return { median: Math.round(times[30] * 10) / 10, worst: Math.round(times[59] * 10) / 10 };
  })()`);
}

const nodes = page.locator('.graph .node');
const elements = () => page.locator('.graph *').count();

let treeId = '';

it('shows a run of 5,000 tasks folded at first: few elements, one question to the worker', async () => {
  ({ treeId } = await server.client.tasks.create({ ...fleetTree(SERVICES), reidentify: true }));
  expect((await server.client.tasks.count({ rootOnly: false })).total).toBeGreaterThan(5000);
  const begun = performance.now();
  await showTree(treeId);
  await page.locator('.node.is-collapsed', { hasText: 'services' }).waitFor();
  const seenMs = Math.round(performance.now() - begun);
  const { questions, longest } = await measured();
  expect(questions).toBe(1);
  expect(await nodes.count()).toBeLessThan(20);
  expect(await elements()).toBeLessThan(400);
  const { median, worst } = await frameTimes();
  console.log(
    `folded: seen after ${seenMs} ms, main thread busy ${longest} ms at most, frame ${median} ms (worst ${worst})`,
  );
});

it('unfolds all of it: laid out in the worker, drawn from far as one canvas, and near as what is in the window', async () => {
  await measured();
  const begun = performance.now();
  await page.getByRole('button', { name: 'Unfold all groups' }).click();
  // All of it is asked for while its places are being found: it is seen when they are.
  await page.getByRole('tree').focus();
  await page.keyboard.press('0');
  await page.locator('.minimap:visible').waitFor();
  const seenMs = Math.round(performance.now() - begun);
  const { questions, longest } = await measured();
  expect(questions).toBe(1);
  await expect.poll(() => nodes.count()).toBeLessThan(3);
  const far = await frameTimes();
  for (let step = 0; step < 30 && (await nodes.count()) < 20; step += 1) await page.keyboard.press('+');
  await expect.poll(() => nodes.count()).toBeGreaterThan(20);
  const near = await frameTimes();
  // What can be seen, whatever the size of the run.
  expect(await nodes.count()).toBeLessThan(500);
  expect(await elements()).toBeLessThan(8000);
  expect((await measured()).questions).toBe(0);
  console.log(
    `unfolded: seen after ${seenMs} ms, main thread busy ${longest} ms at most, frame from far ${far.median} ms (worst ${far.worst}), near ${near.median} ms (worst ${near.worst})`,
  );
});

it('changes few nodes for a task that ends, and asks the worker nothing, while thousands end', async () => {
  await page.evaluate(`{
    const changed = (window.changed = { nodes: new Set(), records: 0, frames: 0 });
    new MutationObserver((records) => {
      changed.records += records.length;
      for (const { target } of records) {
        const node = (target instanceof Element ? target : target.parentElement)?.closest('.node');
        if (node) changed.nodes.add(node.getAttribute('data-id'));
      }
    }).observe(document.querySelector('.graph-near'), { subtree: true, attributes: true, characterData: true });
    const count = () => { changed.frames += 1; requestAnimationFrame(count); };
    requestAnimationFrame(count);
  }`);
  await measured();
  const inWindow = await nodes.count();
  const begun = performance.now();
  await server.client.tasks.execute({ taskId: treeId });
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor({ timeout: 120_000 });
  const tookMs = performance.now() - begun;
  const { questions, longest } = await measured();
  const changed = await page.evaluate<{ nodes: number; records: number; frames: number }>(
    '({ nodes: window.changed.nodes.size, records: window.changed.records, frames: window.changed.frames })',
  );
  expect(questions).toBe(0);
  // Only what can be seen: the other thousands cost no element.
  expect(changed.nodes).toBeLessThanOrEqual(inWindow + 5);
  console.log(
    `live: 5,009 tasks in ${Math.round(tookMs)} ms, ${Math.round((changed.frames / tookMs) * 1000)} frames a second, main thread busy ${longest} ms at most, ${changed.nodes} nodes and ${changed.records} attributes changed`,
  );
});

it('asked for nothing beyond this machine, and nothing went wrong in it', () => {
  expect([...browser.outside]).toEqual([]);
  expect(browser.problems).toEqual([]);
});
