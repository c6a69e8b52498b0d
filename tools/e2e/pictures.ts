/** Pictures that tests take: into `coverage/pictures`, and with `COPPICE_DOCS_PICTURES=1` those of the docs too. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');

/** `forDocs`: the picture belongs to the docs, under the same name. */
export async function takePicture(page: Page, name: string, { forDocs = false } = {}): Promise<void> {
  const isForDocs = forDocs && process.env['COPPICE_DOCS_PICTURES'] === '1';
  const folder = join(root, isForDocs ? 'docs/images' : 'coverage/pictures');
  await mkdir(folder, { recursive: true });
  // Nothing is pointed at, so that no tooltip covers what is shown.
  await page.mouse.move(24, 620);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
