/** The inbox: what waits for an answer in all trees of all servers. Each row leads to its task, whose details have the form. */
import type { OpenWait } from '@coppice/protocol';
import { oneLine, WaitInbox, waitFactsText } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import { inNotification } from '../plain-text.ts';

interface WaitRow {
  readonly connection: Connection;
  readonly wait: OpenWait;
}

export class WaitsView implements vscode.TreeDataProvider<WaitRow>, vscode.Disposable {
  readonly #connections: Connections;
  readonly #view: vscode.TreeView<WaitRow>;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: vscode.Disposable;
  readonly #inboxes = new Map<Connection, WaitInbox>();
  /** Waits of which the person was told. */
  readonly #told = new Set<string>();

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#view = vscode.window.createTreeView('coppice.waits', { treeDataProvider: this });
    this.#listening = connections.onDidChange((connection) => {
      if (connection === undefined) this.#watch();
    });
    this.#watch();
  }

  getChildren(row?: WaitRow): WaitRow[] {
    if (row !== undefined) return [];
    return [...this.#inboxes].flatMap(([connection, { items }]) => items.map((wait) => ({ connection, wait })));
  }

  getTreeItem({ connection, wait }: WaitRow): vscode.TreeItem {
    const item = new vscode.TreeItem(oneLine(wait.title));
    item.id = `${connection.spec.id}/${wait.taskId}`;
    item.description = waitFactsText(wait);
    item.iconPath = new vscode.ThemeIcon(wait.kind === 'approval' ? 'question' : 'bell');
    item.tooltip = `${oneLine(wait.title)}\n${waitFactsText(wait)}`;
    item.accessibilityInformation = { label: `${oneLine(wait.title)}, ${waitFactsText(wait)}`, role: 'treeitem' };
    item.command = { command: 'coppice.openDetails', title: '', arguments: [taskOf({ connection, wait })] };
    return item;
  }

  dispose(): void {
    this.#listening.dispose();
    for (const inbox of this.#inboxes.values()) inbox.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  /** One inbox for each connection there is. */
  #watch(): void {
    const present = new Set(this.#connections.all);
    for (const [connection, inbox] of this.#inboxes) {
      if (present.has(connection)) continue;
      inbox.dispose();
      this.#inboxes.delete(connection);
    }
    for (const connection of present) {
      if (this.#inboxes.has(connection)) continue;
      const inbox = new WaitInbox(connection);
      inbox.onChange(() => this.#draw(connection, inbox));
      this.#inboxes.set(connection, inbox);
    }
    this.#count();
  }

  #draw(connection: Connection, { items }: WaitInbox): void {
    this.#count();
    for (const wait of items) {
      const key = `${connection.spec.id}/${wait.taskId}`;
      if (!wait.mayAnswer || this.#told.has(key)) continue;
      this.#told.add(key);
      void tellOf({ connection, wait });
    }
  }

  #count(): void {
    const value = [...this.#inboxes.values()].reduce((sum, { total }) => sum + total, 0);
    this.#view.badge = value === 0 ? undefined : { value, tooltip: vscode.l10n.t('{0} waiting for an answer', value) };
    void vscode.commands.executeCommand('setContext', 'coppice.hasWaits', value > 0);
    this.#changed.fire(undefined);
  }
}

async function tellOf(row: WaitRow): Promise<void> {
  if (vscode.workspace.getConfiguration('coppice').get<boolean>('notifications') === false) return;
  const answer = vscode.l10n.t('Answer…');
  const text = vscode.l10n.t('{0} waits for your answer: {1}', oneLine(row.wait.treeName), oneLine(row.wait.title));
  const choice = await vscode.window.showInformationMessage(inNotification(text), answer);
  if (choice === answer) await vscode.commands.executeCommand('coppice.openDetails', taskOf(row));
}

function taskOf({ connection, wait: { treeId, taskId } }: WaitRow): object {
  return treeId === taskId ? { kind: 'tree', connection, treeId } : { kind: 'task', connection, treeId, taskId };
}
