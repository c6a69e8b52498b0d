/** One item: how the connections are, and what runs. */
import type { Freshness } from '@coppice/client';
import * as vscode from 'vscode';
import type { Connections } from './connections/connections.ts';

const LOOKS: Readonly<Record<Freshness, readonly [icon: string, text: string]>> = {
  live: ['$(check)', ''],
  stale: ['$(sync~spin)', 'updating'],
  connecting: ['$(sync~spin)', 'connecting'],
  reconnecting: ['$(debug-disconnect)', 'reconnecting'],
  offline: ['$(circle-slash)', 'offline'],
  failed: ['$(error)', 'no connection'],
};

export class StatusBar implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #connections: Connections;
  readonly #listening: vscode.Disposable;
  #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#item = vscode.window.createStatusBarItem('coppice.status', vscode.StatusBarAlignment.Left, 10);
    this.#item.name = 'Coppice';
    this.#item.command = 'coppice.trees.focus';
    this.#listening = connections.onDidChange(() => this.#watch());
    this.#watch();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    this.#listening.dispose();
    this.#item.dispose();
  }

  #watch(): void {
    for (const stop of this.#stops) stop();
    this.#stops = this.#connections.all.map(({ store }) => store.onTrees(() => this.#drawSoon()));
    this.#draw();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, 200);
  }

  #draw(): void {
    const { all, freshness } = this.#connections;
    void vscode.commands.executeCommand('setContext', 'coppice.hasConnections', all.length > 0);
    void vscode.commands.executeCommand('setContext', 'coppice.state', freshness);
    if (all.length === 0) {
      this.#item.hide();
      return;
    }
    const running = all.flatMap(({ store }) => store.trees).filter(({ status }) => status === 'running').length;
    const [icon, state] = LOOKS[freshness];
    const text = state === '' ? (running === 0 ? '' : vscode.l10n.t('{0} running', running)) : state;
    this.#item.text = `${running > 0 && freshness === 'live' ? '$(sync~spin)' : icon} Coppice${text === '' ? '' : `: ${text}`}`;
    this.#item.tooltip = all
      .map((each) => `${each.spec.label}: ${each.freshness} ${each.problem ?? ''}`.trim())
      .join('\n');
    const isBad = freshness === 'failed' || freshness === 'reconnecting';
    this.#item.backgroundColor = isBad
      ? new vscode.ThemeColor(
          freshness === 'failed' ? 'statusBarItem.errorBackground' : 'statusBarItem.warningBackground',
        )
      : undefined;
    this.#item.show();
  }
}
