/** What every file of page tests begins with: the page as it is built now, a server of its own, a browser, and what is looked for in it. */
import { resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeEach, onTestFailed } from 'vitest';
import { bundlePage } from '../../bundle/bundle-ui.ts';
import { startBrowser } from '../browser.ts';
import type { Browser, BrowserOptions } from '../browser.ts';
import { takePicture } from '../pictures.ts';
import { serveTests } from '../server.ts';
import type { ServerOptions, TestServer } from '../server.ts';

export interface OpenPage {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly page: Page;
  /** Enters a token, by default that of the server, and waits until the page is up to date. */
  readonly logIn: (token?: string) => Promise<void>;
  /** Opens a tree by its address. */
  readonly showTree: (treeId: string) => Promise<void>;
  /** The entry of a tree in the list, by its name. */
  readonly item: (name: string) => Locator;
  /** The node of the graph with exactly this name. */
  readonly node: (name: string) => Locator;
}

export interface OpenPageOptions extends BrowserOptions, Pick<ServerOptions, 'users'> {}

/** Starts everything; it ends after the tests of the file, and a picture of each failed test is taken. */
export async function openPage({ users, ...options }: OpenPageOptions = {}): Promise<OpenPage> {
  await bundlePage(resolve(import.meta.dirname, '../../../packages/ui/dist/page'));
  const server = await serveTests(users === undefined ? {} : { users });
  const browser = await startBrowser({ colorScheme: 'light', ...options });
  const { page } = browser;
  beforeEach(() => {
    onTestFailed(() => takePicture(page, 'failed'));
  });
  afterAll(() => browser.close());
  return {
    server,
    browser,
    page,
    logIn: async (token = server.token) => {
      await page.goto(server.url);
      await page.getByLabel('Token of this server').fill(token);
      await page.keyboard.press('Enter');
      await page.locator('.freshness', { hasText: 'live' }).waitFor();
    },
    showTree: async (treeId) => {
      await page.goto(`${server.url}/#${encodeURIComponent(treeId)}`);
      await page.locator('.graph .node').first().waitFor();
    },
    item: (name) => page.locator('.tree-item', { hasText: name }).first(),
    node: (name) =>
      page.locator('.node', { has: page.locator('.node-name', { hasText: new RegExp(`^${name}$`) }) }).first(),
  };
}
