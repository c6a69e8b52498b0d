/** A user with the role `user` in a browser: what this person may answer, and what others may. */
import { createClient, webSocketTransport } from '@coppice/client';
import { afterAll, expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { openPage } from './open-page.ts';

const ANN = 'the-token-of-ann-in-a-test';
const { server, page, logIn, showTree, node } = await openPage({ users: { ann: ANN } });
const ann = createClient({ transport: webSocketTransport({ url: server.url, token: ANN }) });
afterAll(() => ann.close());

it('shows who may answer in the place of a form to somebody who may not, and the form where they may (R-SN-01)', async () => {
  const { treeId } = await ann.tasks.execute({
    tasks: [
      { id: 'ship' },
      { id: 'boss', parentId: 'ship', approval: { title: 'May it go?', approvers: ['bob'] } },
      { id: 'self', parentId: 'ship', approval: { title: 'Will you go?' } },
    ],
    reidentify: true,
  });
  await logIn(ANN);
  await showTree(treeId);
  const form = page.locator('.wait-form');
  await node('boss').click();
  await form.getByText('Only bob, or an admin, may answer.').waitFor();
  await form.getByRole('heading', { name: 'May it go?' }).waitFor();
  expect(await form.getByRole('button').count()).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole('button', { name: '2 waiting' }).click();
  await page.locator('.wait-item', { hasText: 'only bob may answer' }).waitFor();
  await page.locator('.wait-item', { hasText: 'Will you go?' }).click();
  await form.getByText('May be answered by the owner of the tree').waitFor();
  await form.getByRole('button', { name: 'Approve' }).click();
  await page.locator('.details .explained:visible', { hasText: 'Approved by ann' }).waitFor();
  const { items } = await ann.waits.list({ treeId });
  await server.client.waits.answer({ taskId: items[0]?.taskId ?? '', approved: true });
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
});
