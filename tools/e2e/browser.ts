/** A real Chromium for tests: nothing beyond this machine can be reached, and what went wrong in a page is kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { findChromium } from './chromium.ts';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and refused scripts of all pages. */
  readonly problems: readonly string[];
  /** Origins beyond this machine that something asked for; every such request was refused. */
  readonly outside: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** Starts a browser with a profile of its own. Throws where there is no Chromium. */
export async function startBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('There is no Chromium. Install one, or name it with CHROMIUM=path.');
  const profile = await mkdtemp(join(tmpdir(), 'coppice-browser-'));
  const { width = 1400, height = 900, colorScheme = 'light' } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width, height },
    colorScheme,
    serviceWorkers: 'allow',
    args: SWITCHES,
  });
  const outside = new Set<string>();
  const problems: string[] = [];
  await context.route(isOutside, (route) => {
    outside.add(new URL(route.request().url()).origin);
    return route.abort();
  });
  const watch = (page: Page): void => {
    page.on('pageerror', (error) => problems.push(`${error.name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  };
  context.pages().forEach(watch);
  context.on('page', watch);
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(30_000);
  return {
    context,
    page,
    problems,
    outside,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

function isOutside(url: URL): boolean {
  return /^(https?|wss?):$/.test(url.protocol) && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/**
 * Nodes and rows are read out as a sentence that begins with their visible name; the rule wants all their visible text, which
 * holds symbols and abbreviations for eyes, word for word.
 */
const RULES = { 'label-content-name-mismatch': { enabled: false } };

/** Rules of accessibility that a document breaks, each in one line. The whole rule set; `exclude`: selectors that are not ours. */
export async function findBarriers(target: Page | Frame, exclude: readonly string[] = []): Promise<readonly string[]> {
  // Evaluated, not loaded: a policy that forbids foreign scripts does not stop it.
  await target.evaluate(axe.source);
  const context = JSON.stringify({ exclude: exclude.map((selector) => [selector]) });
  const result = await target.evaluate<AxeResult>(`axe.run(${context}, ${JSON.stringify({ rules: RULES })})`);
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
