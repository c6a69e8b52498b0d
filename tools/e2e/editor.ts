/**
 * A real VS Code for tests: its server in a process of its own, its workbench in a real browser, everything in throw-away folders.
 * Waits on what can be seen, never for a time.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { startBrowser } from './browser.ts';
import type { Browser } from './browser.ts';
import { provideEditor } from './vscode-install.ts';

export interface EditorOptions {
  /** The packed extension; undefined: none is installed. */
  readonly vsix?: string;
  /** Instead: a folder with the built extension, and a script that is run inside the editor. */
  readonly inEditor?: { readonly extension: string; readonly script: string };
  /** Opened as the workspace. */
  readonly folder: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** false: the editor asks whether the folder is trusted. Default true. */
  readonly isTrusted?: boolean;
  readonly theme?: string;
}

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.tips.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  // What is typed is what is meant.
  'editor.autoSurround': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoClosingBrackets': 'never',
};

export class Editor {
  readonly browser: Browser;
  readonly page: Page;
  readonly #server: ChildProcess;
  readonly #scratch: string;
  readonly #url: string;

  constructor(parts: { browser: Browser; server: ChildProcess; scratch: string; url: string }) {
    this.browser = parts.browser;
    this.page = parts.browser.page;
    this.#server = parts.server;
    this.#scratch = parts.scratch;
    this.#url = parts.url;
  }

  /** Opens the window, or opens it anew. */
  async open(): Promise<void> {
    await this.page.goto(this.#url);
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    await this.page.locator('.activitybar').waitFor({ timeout: 60_000 });
  }

  /** Runs the script inside the editor; answers its exit code and what it wrote. */
  async runInEditor(): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
    const lines: string[] = [];
    await this.page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
      lines.push(args.map(String).join(' '));
    });
    const exited = new Promise<number>((resolve) => {
      void this.page.exposeFunction('codeAutomationExit', resolve).then(() => this.page.goto(this.#url));
    });
    return { code: await exited, lines };
  }

  /** Does again what a box that was just opening or closing did not take, six times at most; closes the box in between. */
  async insist<T>(act: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await act();
      } catch (error) {
        if (attempt >= 5) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Fills a quick pick that a key opens. A key press can be lost while another picker closes. */
  async quick(key: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await this.insist(async () => {
      await this.page.keyboard.press(key);
      await input.waitFor({ timeout: 3000 });
      await input.fill(text, { timeout: 3000 });
    });
  }

  /** Runs a command by its title. One that was asked for while the extension still starts is not listed yet. */
  async command(title: string): Promise<void> {
    const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${title}"]`).first();
    await this.insist(async () => {
      await this.quick('F1', `>${title}`);
      await row.click({ timeout: 5000 });
    });
  }

  /** Opens a file of the workspace. One that was made just now is found when the editor has heard of it. */
  async openFile(name: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
    await this.insist(async () => {
      await this.quick('Control+p', name);
      await row.click({ timeout: 5000 });
    });
    await this.page.locator('.tab.active', { hasText: name }).first().waitFor();
  }

  /** Our part of the side bar. */
  async showExplorer(): Promise<void> {
    await this.page.locator('.activitybar a.action-label[aria-label^="Coppice"]').waitFor({ timeout: 60_000 });
    await this.command('View: Show Coppice');
    await this.page.locator('.sidebar .composite.title', { hasText: /coppice/i }).waitFor();
  }

  /** Connects to a server, as a person does. */
  async connect(url: string, token: string): Promise<void> {
    await this.command('Coppice: Connect to a Server');
    const widget = this.page.locator('.quick-input-widget');
    const input = widget.locator('input').first();
    await widget.filter({ hasText: '(1/2)' }).waitFor();
    await input.fill('nonsense');
    await widget.filter({ hasText: 'An address such as' }).waitFor();
    await input.fill(url);
    await this.page.keyboard.press('Enter');
    await widget.filter({ hasText: '(2/2)' }).waitFor();
    await input.fill(token);
    await this.page.keyboard.press('Enter');
  }

  /** A row of the explorer by what it says. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.sidebar .monaco-list-row', { hasText: text });
  }

  /** Unfolds a row. */
  async unfold(text: string | RegExp): Promise<void> {
    const row = this.row(text).first();
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.locator('.monaco-tl-twistie').click();
    await this.page.locator('.sidebar .monaco-list-row[aria-expanded="true"]', { hasText: text }).first().waitFor();
  }

  /** Presses an inline button of a row. */
  async inline(text: string | RegExp, action: string): Promise<void> {
    const row = this.row(text).first();
    await row.hover();
    await row.locator(`a.action-label[aria-label^="${action}"]`).first().click();
  }

  /** Presses an inline button of a row that opens a panel; answers the panel's document. */
  async openPanel(text: string | RegExp, action: string, selector: string): Promise<Frame> {
    return this.insist(async () => {
      await this.inline(text, action);
      return this.webview(selector);
    });
  }

  /** Chooses from the context menu of a row, by keys: a menu that has just opened may not take a click. */
  async menu(row: Locator, action: string): Promise<void> {
    const entry = this.page.locator('.monaco-menu .action-item', { hasText: action }).first();
    const focused = entry.and(this.page.locator('.focused'));
    await this.insist(async () => {
      await row.click({ button: 'right' });
      await entry.waitFor({ timeout: 5000 });
      for (let step = 0; step < 30 && (await focused.count()) === 0; step += 1)
        await this.page.keyboard.press('ArrowDown');
      await this.page.keyboard.press('Enter');
      await this.page.locator('.monaco-menu').first().waitFor({ state: 'detached', timeout: 5000 });
    });
  }

  /** The document of a webview that holds what the selector names. Two frames deep; the window may be making it just now. */
  async webview(selector: string): Promise<Frame> {
    const end = Date.now() + 30_000;
    // A row that is made anew just as its button is pressed is not known any more.
    const question = this.page.locator('.quick-input-widget input[placeholder="Which tree?"]');
    for (;;) {
      if (await question.isVisible()) throw new Error('The editor asks which tree is meant');
      for (const frame of this.page.frames()) {
        const count = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (
          count > 0 &&
          (await frame
            .locator(selector)
            .first()
            .isVisible()
            .catch(() => false))
        )
          return frame;
      }
      if (Date.now() > end) throw new Error(`No webview shows ${selector}: ${await this.#describeFrames()}`);
      await this.page.locator('.monaco-workbench').waitFor();
    }
  }

  /** How far each webview has come, for the message of a failure. */
  async #describeFrames(): Promise<string> {
    const marks =
      'performance.getEntriesByType("mark").map(({ name }) => name).join() + document.body.innerHTML.slice(0, 200)';
    const found = this.page.frames().map((frame) =>
      frame.evaluate<string>(marks).then(
        (text) => `${frame.url().slice(-40)}: ${text}`,
        (error: unknown) => String(error),
      ),
    );
    return (await Promise.all(found)).slice(1).join('\n');
  }

  /** Puts the cursor at the start of a line, counted from 1, and waits until keys reach the text. */
  async goToLine(line: number): Promise<void> {
    const box = this.page.locator('.quick-input-widget');
    await this.insist(async () => {
      await this.quick('Control+g', `:${line}`);
      await this.page.keyboard.press('Enter');
      // The line is active before the box has closed, which would take the next key; a box that was not ready has taken this one.
      await box.waitFor({ state: 'hidden', timeout: 3000 });
    });
    await this.page.locator('.editor-instance .monaco-editor :focus').waitFor({ state: 'attached' });
    await this.cursorAt(line, 1);
  }

  /** Waits until the cursor is there, as the status bar tells it. */
  async cursorAt(line: number, column: number): Promise<void> {
    await this.page.locator('.statusbar-item', { hasText: new RegExp(`^Ln ${line}, Col ${column}$`) }).waitFor();
  }

  /** Asks for completions until one is offered; one that was asked for while the text still changed may be gone. */
  async suggestion(text: string): Promise<Locator> {
    const row = this.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: text }).first();
    await this.insist(async () => {
      await this.page.keyboard.press('Control+Space');
      await row.waitFor({ timeout: 3000 });
    });
    return row;
  }

  /** Lines of the editor that is looked at. */
  line(text: string | RegExp): Locator {
    return this.page.locator('.editor-instance .view-line', { hasText: text });
  }

  async closeEditors(): Promise<void> {
    await this.command('View: Close All Editors');
    await this.page.locator('.tabs-container .tab').first().waitFor({ state: 'detached' });
  }

  async close(): Promise<void> {
    await this.browser.close();
    if (this.#server.pid !== undefined) process.kill(-this.#server.pid, 'SIGKILL');
    await once(this.#server, 'exit').catch(() => undefined);
    await rm(this.#scratch, { recursive: true, force: true });
  }
}

/**
 * Webviews get their files from a service worker, and wait for it. Two things keep them waiting for half a minute or for ever in a
 * driven browser: a second worker for the whole site, which controls their documents first, and registering the worker again
 * although it is in control. Neither is needed: within one test there is no newer one.
 */
const PROMPT_WORKERS = `{
  const workers = navigator.serviceWorker;
  const register = workers?.register.bind(workers);
  const known = { installing: null, waiting: null, update: () => Promise.resolve(known) };
  if (workers !== undefined) {
    workers.register = (url, options) => {
      if (String(url).includes('_static/out/browser')) return new Promise(() => {});
      return workers.controller?.scriptURL.includes('/service-worker.js') ? Promise.resolve(known) : register(url, options);
    };
  }
}`;

/** Starts the editor with the extension installed, as a user has it. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const entry = provideEditor();
  const scratch = await mkdtemp(join(tmpdir(), 'coppice-editor-'));
  const folders = ['home/.config', 'data/User', 'extensions'].map((name) => join(scratch, name));
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  const { isTrusted = true, theme = 'Default Light Modern' } = options;
  const settings = {
    ...SETTINGS,
    'workbench.colorTheme': theme,
    'security.workspace.trust.enabled': !isTrusted,
    'security.workspace.trust.startupPrompt': 'always',
    ...options.settings,
  };
  await writeFile(join(scratch, 'data/User/settings.json'), JSON.stringify(settings));
  await writeFile(join(scratch, 'config.yaml'), '');
  const env = {
    ...process.env,
    HOME: join(scratch, 'home'),
    XDG_CONFIG_HOME: join(scratch, 'home/.config'),
    EXTENSIONS_GALLERY: '{}',
  };
  const base = [
    '--config',
    join(scratch, 'config.yaml'),
    '--user-data-dir',
    join(scratch, 'data'),
    '--extensions-dir',
    join(scratch, 'extensions'),
  ];
  if (options.vsix !== undefined) {
    const installing = [entry, ...base, '--install-extension', options.vsix];
    const install = spawn(process.execPath, installing, { env, stdio: 'ignore' });
    const [code] = (await once(install, 'exit')) as [number | null];
    if (code !== 0) throw new Error('The extension could not be installed');
  }
  const port = await freePort();
  const args = [
    ...base,
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-getting-started-override',
    '--disable-proxy',
    '--disable-file-downloads',
    '--ignore-last-opened',
    ...(isTrusted ? ['--disable-workspace-trust'] : []),
    ...(options.inEditor === undefined ? [] : ['--vscode-option', 'enable-smoke-test-driver']),
  ];
  const server = spawn(process.execPath, [entry, ...args], { env, detached: true, stdio: 'ignore' });
  await untilHealthy(server, port);
  const browser = await startBrowser({ colorScheme: theme.includes('Dark') ? 'dark' : 'light' });
  await browser.context.addInitScript(PROMPT_WORKERS);
  const query = new URLSearchParams({ folder: options.folder });
  if (options.inEditor !== undefined) {
    const at = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
    const payload = [
      ['extensionDevelopmentPath', at(options.inEditor.extension)],
      ['extensionTestsPath', at(options.inEditor.script)],
    ];
    query.set('payload', JSON.stringify(payload));
  }
  const url = `http://127.0.0.1:${port}/?${query.toString()}`;
  const editor = new Editor({ browser, server, scratch, url });
  if (options.inEditor === undefined) await editor.open();
  return editor;
}

async function untilHealthy(server: ChildProcess, port: number): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const isHealthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isHealthy) return;
    if (Date.now() > end || server.exitCode !== null) throw new Error("The editor's server did not start");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
