/** The form for inputs that a tree declares and nobody has given, in a browser. */
import type { Params } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { openPage } from './open-page.ts';

const { server, page, logIn, showTree, node } = await openPage();

const declares: Params<'tasks.create'>['declares'] & object = {
  inputs: {
    region: { type: 'string', enum: ['eu', 'us'], required: true, description: 'Where it runs' },
    ms: { type: 'integer', required: true },
    note: { type: 'string' },
  },
};
const tasks = [{ id: 'nap', executor: 'delay', inputs: { ms: '${{ inputs.ms }}' } }];

it('asks for the inputs of a new tree, and begins with what was typed', async () => {
  await logIn();
  await page.getByRole('button', { name: 'New tree' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Tasks as JSON').fill(JSON.stringify({ tasks, declares }));
  await dialog.getByRole('button', { name: 'Run' }).click();
  const form = page.getByRole('dialog', { name: 'Inputs of the run' });
  await form.getByText('Where it runs').waitFor();
  await form.getByLabel('region (needed)').selectOption({ label: 'us' });
  await form.getByLabel('ms (needed)').fill('soon');
  await form.getByRole('button', { name: 'Run' }).click();
  await form.getByText('This is no number.').waitFor();
  await form.getByLabel('ms (needed)').fill('1');
  await form.getByRole('button', { name: 'Run' }).click();
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
});

it('asks when a stored tree is executed that lacks them, and runs nothing before', async () => {
  const { id } = await server.client.tasks.create({
    tasks: [{ id: 'later', ...tasks[0], name: 'later' }],
    declares,
    reidentify: true,
  });
  await showTree(id);
  await node('later').click();
  await page.locator('.details').getByRole('button', { name: 'Run', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Inputs of the run' });
  await form.getByLabel('ms (needed)').fill('1');
  await form.getByRole('button', { name: 'Run' }).click();
  await form.getByRole('alert').filter({ hasText: "the input 'region' is required" }).waitFor();
  expect((await server.client.tasks.get({ taskId: id })).status).toBe('pending');
  await form.getByLabel('region (needed)').selectOption({ label: 'eu' });
  await form.getByRole('button', { name: 'Run' }).click();
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
});
