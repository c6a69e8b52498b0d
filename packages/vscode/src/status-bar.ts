/** One item: how the connections are, and what runs. */
import type { Freshness } from '@coppice/client';
import { holdText } from '@coppice/ui';
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
    this.#stops = this.#connections.all.flatMap(({ store, holds }) => [
      store.onTrees(() => this.#drawSoon()),
      holds.onChange(() => this.#drawSoon()),
    ]);
    this.#draw();
  }

  /** Undefined: that of the connections. */
  #iconOf(running: number, held: number): string | undefined {
    if (this.#connections.freshness !== 'live') return undefined;
    if (held > 0) return '$(debug-pause)';
    return running > 0 ? '$(sync~spin)' : undefined;
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
    const statuses = all.flatMap(({ store }) => store.trees).map(({ status }) => status);
    const running = statuses.filter((status) => status === 'running').length;
    const paused = statuses.filter((status) => status === 'pausing' || status === 'paused').length;
    const held = all.flatMap(({ holds }) => holds.items);
    const [icon, state] = LOOKS[freshness];
    const parts = [
      running > 0 ? vscode.l10n.t('{0} running', running) : '',
      paused > 0 ? vscode.l10n.t('{0} paused', paused) : '',
      held.length > 0 ? vscode.l10n.t('held') : '',
    ];
    const text = state === '' ? parts.filter((part) => part !== '').join(', ') : state;
    this.#item.text = `${this.#iconOf(running, held.length) ?? icon} Coppice${text === '' ? '' : `: ${text}`}`;
    const lines = all.map((each) => `${each.spec.label}: ${each.freshness} ${each.problem ?? ''}`.trim());
    this.#item.tooltip = [...lines, ...held.map(holdText)].join('\n');
    const isBad = freshness === 'failed' || freshness === 'reconnecting' || held.length > 0;
    this.#item.backgroundColor = isBad
      ? new vscode.ThemeColor(
          freshness === 'failed' ? 'statusBarItem.errorBackground' : 'statusBarItem.warningBackground',
        )
      : undefined;
    this.#item.show();
  }
}
