/** The log of a task and of a whole run, in a browser: live, coloured, harmless, bounded, and gone on with after a lost connection. */
import { colouredLine } from '@coppice/client';
import { expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { openPage } from './open-page.ts';

const { server, browser, page, logIn, showTree, node } = await openPage();
const lines = page.locator('.log-lines');
const problemsBefore = (): readonly string[] => browser.problems.filter((problem) => !problem.includes('WebSocket'));

/** Prints what it is told on its standard input: lines come when the test says so. */
function printer(id: string, script: string) {
  return { id, parentId: 'root', executor: 'command', inputs: { command: 'node', args: ['-e', script] } };
}

async function begin(tasks: readonly object[]): Promise<string> {
  const submission = { tasks: [{ id: 'root', name: 'logs' }, ...tasks], reidentify: true };
  return (await server.client.tasks.execute(submission)).treeId;
}

/** Chooses a task in the graph of a tree, then its log. */
async function showLog(treeId: string, name: string): Promise<void> {
  await page.getByRole('tab', { name: 'Graph' }).click();
  await showTree(treeId);
  await node(name).click();
  await page.getByRole('tab', { name: 'Log' }).click();
}

const HOSTILE = [
  '<img src=x onerror=alert(1)><script>alert(2)</script>',
  '\u001b[31mred\u001b[0m \u001b[1;38;2;9;200;9mtrue\u001b[0m \u001b[7mreverse\u001b[0m \u001b[8mhidden\u001b[0m',
  '\u001b]0;title\u0007\u001b]8;;http://evil.invalid\u001b\\link\u001b]8;;\u001b\\ \u001b[2J\u001b[1;1Hcleared',
  '\u001b[38;5;999mno colour\u001b[38;2;1;1mhalf\u001b[0m',
  'right\u202Eto left',
  '10 %\r20 %\rdone',
].join('\n');

it('shows hostile text as text, with its colours, of one task and of a whole run (R-OB-08)', async () => {
  await logIn();
  const treeId = await begin([
    printer('hostile', `console.log(${JSON.stringify(HOSTILE)}); console.error('a warning')`),
    printer('other', 'console.log("from the other")'),
  ]);
  await showTree(treeId);
  await node('hostile').click();
  await page.locator('.details').getByRole('button', { name: 'Log', exact: true }).click();
  await lines.getByText('<img src=x onerror=alert(1)><script>alert(2)</script>').waitFor();
  await lines.getByText('linkcleared').or(lines.getByText('link cleared')).waitFor();
  await lines.locator('.is-stderr', { hasText: 'a warning' }).waitFor();
  expect(await lines.locator('img, script, a').count()).toBe(0);
  expect(await lines.getByText('red', { exact: true }).getAttribute('style')).toBe('color: var(--ansi-red);');
  expect(await lines.getByText('true', { exact: true }).getAttribute('style')).toContain('oklch(from');
  expect(await lines.getByText('hidden', { exact: true }).isVisible()).toBe(true);
  const text = (await lines.textContent()) ?? '';
  expect(text).toContain('rightto left');
  expect(text).not.toMatch(/title|20 %/);
  expect(text).toBe(colouredLine(text));
  const printed = page.locator('.details .printed');
  expect(await printed.getByText('red', { exact: true }).getAttribute('style')).toBe('color: var(--ansi-red);');
  expect(await printed.textContent()).not.toContain('[31m');
  expect(await findBarriers(page)).toEqual([]);
  await takePicture(page, 'page-log-light');
  // Of the whole run: with the names of the tasks.
  await page.getByRole('tab', { name: 'Graph' }).click();
  await node('logs').click({ position: { x: 30, y: 14 } });
  await page.getByRole('tab', { name: 'Log' }).click();
  await lines.locator('.log-line', { hasText: 'other │ from the other' }).waitFor();
  await lines.locator('.log-line', { hasText: 'hostile │ a warning' }).waitFor();
  expect(problemsBefore()).toEqual([]);
});

it('follows what comes, unless a person has scrolled up, and keeps a bounded number of lines', async () => {
  const count =
    'let n = 0; const t = setInterval(() => { for (let i = 0; i < 400; i++) console.log("line " + n++); ' +
    'if (n >= 12000) clearInterval(t); }, 20);';
  const treeId = await begin([printer('many', count)]);
  await showLog(treeId, 'many');
  await lines.locator('.log-line', { hasText: /line 11999$/ }).waitFor();
  const toEnd = `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('.log-lines'))`;
  await expect.poll(() => page.evaluate<number>(toEnd)).toBeLessThan(8);
  expect(await lines.locator('.log-line').count()).toBeLessThanOrEqual(5_000);
  await lines.locator('.log-note', { hasText: 'earlier lines' }).waitFor({ state: 'attached' });
  await lines.focus();
  await page.keyboard.press('Home');
  const newest = page.getByRole('button', { name: '↓ Newest' });
  await newest.click();
  await newest.waitFor({ state: 'hidden' });
});

it('goes on after the server was killed: no line twice, and the lines of the next attempt follow', async () => {
  const script = 'let n = 0; setInterval(() => { console.log("tick " + n++); if (n === 150) process.exit(0); }, 10)';
  const treeId = await begin([printer('slow', script)]);
  await showLog(treeId, 'slow');
  const last = lines.locator('.log-line', { hasText: /tick 149$/ });
  await lines
    .locator('.log-line', { hasText: /tick 5$/ })
    .first()
    .waitFor();
  await server.kill();
  await server.restart();
  await expect.poll(() => last.count()).toBe(1);
  const texts = await lines.locator('.log-line').allTextContents();
  const numbers = texts.map((text) => Number(/tick (\d+)/.exec(text)?.[1]));
  const again = numbers.lastIndexOf(0);
  expect(numbers.slice(again)).toEqual(Array.from({ length: 150 }, (_, at) => at));
  expect(numbers.slice(0, again)).toEqual(numbers.slice(0, again).map((_, at) => at));
  expect(again).toBeGreaterThan(5);
  await page.getByLabel('Attempt').selectOption('Attempt 2');
  await expect.poll(() => lines.locator('.log-line').count()).toBe(150);
});
