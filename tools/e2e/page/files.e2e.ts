/** A new tree from definition files, in a browser: one that uses others, what is wrong with it, and a folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findBarriers } from '../browser.ts';
import { openPage } from './open-page.ts';

const OUTER = `version: 1
name: Trip
inputs:
  ms: { type: integer, required: true }
tasks:
  there: { use: ./parts/leg.coppice.yaml, inputs: { ms: '\${{ inputs.ms }}' } }
  back: { use: ./parts/leg.coppice.yaml, inputs: { ms: 1 }, dependencies: [there] }
`;
const LEG = `version: 1
inputs:
  ms: { type: integer, required: true }
tasks:
  ride: { executor: delay, inputs: { ms: '\${{ inputs.ms }}' } }
`;

const folder = await mkdtemp(join(tmpdir(), 'coppice-files-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const outer = join(folder, 'trip.coppice.yaml');
const leg = join(folder, 'parts/leg.coppice.yaml');
await mkdir(join(folder, 'parts'));
await writeFile(outer, OUTER);
await writeFile(leg, LEG);

const { server, page, logIn } = await openPage();
const dialog = page.getByRole('dialog', { name: 'New tree' });

it('says what is wrong with a file, at its place, and which file it lacks', async () => {
  await logIn();
  await page.getByRole('button', { name: 'New tree' }).click();
  await dialog.getByLabel('Definition files').setInputFiles(outer);
  await dialog.getByLabel('Tasks as JSON').waitFor({ state: 'hidden' });
  await dialog.getByRole('button', { name: 'Run' }).click();
  const problem = dialog.getByRole('alert');
  await problem
    .filter({ hasText: /trip\.coppice\.yaml:6:\d+: .*parts\/leg\.coppice\.yaml is not among the files/ })
    .waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await dialog
    .getByLabel('Definition files')
    .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await dialog.getByText('None of these is a YAML or JSON file.').waitFor();
  expect((await server.client.tasks.list({})).items).toEqual([]);
});

it('runs a file of a folder with those that it uses, and asks for its inputs (R-RO-14)', async () => {
  await dialog.getByLabel('Or a folder').setInputFiles(folder);
  const main = dialog.getByLabel('File to run');
  await expect
    .poll(() => main.locator('option').allTextContents())
    .toEqual(['trip.coppice.yaml', 'parts/leg.coppice.yaml']);
  expect(await main.inputValue()).toBe('trip.coppice.yaml');
  await dialog.getByRole('button', { name: 'Run' }).click();
  const inputs = page.getByRole('dialog', { name: 'Inputs of the run' });
  await inputs.getByLabel('ms (needed)').fill('2');
  await inputs.getByRole('button', { name: 'Run' }).click();
  await page.locator('.run-status:visible', { hasText: 'completed' }).waitFor();
  const [trip] = (await server.client.tasks.list({})).items;
  expect(trip?.name).toBe('Trip');
  const { items } = await server.client.tasks.list({ rootOnly: false, search: 'ride' });
  expect(items.map(({ input }) => input)).toEqual([{ ms: 1 }, { ms: 2 }]);
});

it('runs another file of the same choice, and shows what the server refuses at its place', async () => {
  await page.getByRole('button', { name: 'New tree' }).click();
  const broken = LEG.replace('delay', 'dealy');
  const upload = (name: string, text: string) => ({ name, mimeType: 'text/yaml', buffer: Buffer.from(text) });
  await dialog
    .getByLabel('Definition files')
    .setInputFiles([upload('a.coppice.yaml', OUTER), upload('b.coppice.yaml', broken)]);
  await dialog.getByLabel('File to run').selectOption('b.coppice.yaml');
  await dialog.getByRole('button', { name: 'Run' }).click();
  const inputs = page.getByRole('dialog', { name: 'Inputs of the run' });
  await inputs.getByLabel('ms (needed)').fill('2');
  await inputs.getByRole('button', { name: 'Run' }).click();
  await inputs
    .getByRole('alert')
    .filter({ hasText: /b\.coppice\.yaml:5:\d+: .*dealy/ })
    .waitFor();
  await inputs.getByRole('button', { name: 'Cancel' }).click();
});
it('saves a run as a file, and shows what is in such a file, also when the server knows it no more', async () => {
  const { treeId } = await server.client.tasks.execute({
    tasks: [{ name: 'kept run' }, { name: 'work', parentId: 'kept run', executor: 'delay', inputs: { ms: 1 } }],
    wait: true,
  });
  await page.locator('.tree-item', { hasText: 'kept run' }).click();
  const downloaded = page.waitForEvent('download');
  await page.locator('.details').getByRole('button', { name: 'Save' }).click();
  const file = join(folder, (await downloaded).suggestedFilename());
  expect(file).toMatch(/kept run\.coppice-run\.gz$/);
  await (await downloaded).saveAs(file);
  await server.client.tasks.delete({ taskId: treeId });
  await page.locator('.tree-item', { hasText: 'kept run' }).waitFor({ state: 'detached' });
  await page.locator('#run-file').setInputFiles(file);
  await page.locator('.node .node-name', { hasText: 'work' }).waitFor();
  expect(await page.locator('.details').getByRole('button').allTextContents()).not.toContain('Delete …');
  await page
    .locator('#run-file')
    .setInputFiles({ name: 'a.gz', mimeType: 'application/gzip', buffer: Buffer.from('x') });
  await page.getByRole('alert').filter({ hasText: 'The file is no Coppice run, or it is damaged' }).waitFor();
});
