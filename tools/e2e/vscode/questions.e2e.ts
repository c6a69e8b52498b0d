/** What the editor asks a person, here a user with the role `user`: the answers of waits, and the inputs that a run needs. */
import { createClient, webSocketTransport } from '@coppice/client';
import { afterAll, expect, it } from 'vitest';
import { serveTests } from '../server.ts';
import { openEditor } from './open-editor.ts';

const ANN = 'the-token-of-ann-in-a-test';
const ASKING = `version: 1
name: Asking
inputs:
  region: { type: string, enum: [eu, us], required: true, description: Where it runs }
  ms: { type: integer, required: true }
  note: { type: string, default: none }
tasks:
  nap: { executor: delay, inputs: { ms: '\${{ inputs.ms }}' } }
`;

const server = await serveTests({ users: { ann: ANN } });
const ann = createClient({ transport: webSocketTransport({ url: server.url, token: ANN }) });
afterAll(() => ann.close());
const { editor, page } = await openEditor({ files: { 'asking.coppice.yaml': ASKING } });
const picker = page.locator('.quick-input-widget');

it('shows who may answer in the place of a form to somebody who may not (R-SN-01)', async () => {
  await editor.showExplorer();
  await editor.connect(server.url, ANN);
  await ann.tasks.execute({
    tasks: [{ id: 'ship' }, { id: 'boss', parentId: 'ship', approval: { title: 'May it go?', approvers: ['bob'] } }],
    reidentify: true,
  });
  await editor.row(/May it go\?.*only bob may answer/).click();
  const details = await editor.webview('.wait-form');
  const form = details.locator('.wait-form');
  await form.getByText('Only bob, or an admin, may answer.').waitFor();
  expect(await form.getByRole('button').count()).toBe(0);
  expect(await page.locator('.notification-toast', { hasText: 'waits for your answer' }).count()).toBe(0);
});

it('asks for the inputs of a definition one after the other, says what is wrong, and runs with what was typed', async () => {
  await editor.openFile('asking.coppice.yaml');
  await editor.command('Coppice: Run');
  await picker.locator('input[placeholder="region: Where it runs"]').waitFor();
  expect(await picker.locator('.monaco-list-row .label-name').allTextContents()).toEqual(['eu', 'us']);
  await picker.locator('.monaco-list-row', { hasText: 'us' }).click();
  await picker.filter({ hasText: 'ms' }).locator('input').first().fill('soon');
  await picker.filter({ hasText: 'This is no number.' }).waitFor();
  await picker.locator('input').first().fill('');
  await picker.filter({ hasText: 'A value is needed.' }).waitFor();
  await picker.locator('input').first().fill('1');
  await page.keyboard.press('Enter');
  // A default is offered to be changed.
  await expect.poll(() => picker.locator('input').first().inputValue()).toBe('none');
  await page.keyboard.press('Enter');
  await editor
    .row(/Asking.*completed/)
    .first()
    .waitFor();
  const { items } = await ann.tasks.list({ search: 'Asking' });
  const tree = await ann.tasks.get({ taskId: items[0]?.treeId ?? '' });
  expect(tree).toMatchObject({ tree: { inputs: { region: 'us', ms: 1, note: 'none' } } });
});

it('runs nothing when a question is closed', async () => {
  await editor.command('Coppice: Run');
  await picker.locator('input[placeholder="region: Where it runs"]').waitFor();
  await page.keyboard.press('Escape');
  await picker.waitFor({ state: 'hidden' });
  expect((await ann.tasks.list({ search: 'Asking' })).items).toHaveLength(1);
});

it('asks for what a stored tree needs when it is run from the explorer', async () => {
  const { id } = await ann.tasks.create({
    tasks: [{ id: 'later', executor: 'delay', inputs: { ms: '${{ inputs.ms }}' } }],
    declares: { inputs: { ms: { type: 'integer', required: true } } },
    reidentify: true,
  });
  await editor.menu(editor.row(/later.*created/).first(), 'Run');
  await picker.filter({ hasText: 'Inputs of the run' }).locator('input').first().fill('2');
  await page.keyboard.press('Enter');
  await editor
    .row(/later.*completed/)
    .first()
    .waitFor();
  expect(await ann.tasks.get({ taskId: id })).toMatchObject({ input: { ms: 2 } });
});

it('asked for nothing beyond this machine', () => {
  expect([...editor.browser.outside]).toEqual([]);
});
