/** The explorer's view: its badge, its message, and the selection that all views share. */
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import { Explorer } from './explorer.ts';
import type { ExplorerFilter } from './filter.ts';
import { isWork, taskIdOf } from './nodes.ts';
import type { ExplorerNode, WorkNode } from './nodes.ts';

export class ExplorerView implements vscode.Disposable {
  readonly explorer: Explorer;
  readonly #view: vscode.TreeView<ExplorerNode>;
  readonly #connections: Connections;
  readonly #filter: ExplorerFilter;
  readonly #disposables: vscode.Disposable[];
  readonly #selected = new vscode.EventEmitter<WorkNode>();
  /** A person selected a task here. */
  readonly onDidSelect = this.#selected.event;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  #stops: (() => void)[] = [];

  constructor(connections: Connections, filter: ExplorerFilter) {
    this.#connections = connections;
    this.#filter = filter;
    this.explorer = new Explorer(connections, filter);
    this.#view = vscode.window.createTreeView('coppice.trees', {
      treeDataProvider: this.explorer,
      showCollapseAll: true,
      canSelectMany: true,
    });
    this.#disposables = [
      this.explorer,
      this.#view,
      this.#selected,
      this.#view.onDidCollapseElement(({ element }) => this.explorer.folded(element)),
      this.#view.onDidChangeSelection(({ selection: [first] }) => {
        if (isWork(first)) this.#selected.fire(first);
      }),
      connections.onDidChange(() => this.#watch()),
      filter.onDidChange(() => this.#describe()),
    ];
    this.#watch();
  }

  /** What is selected, for commands that were not told what they are about. */
  get selection(): readonly ExplorerNode[] {
    return this.#view.selection;
  }

  /** Shows and selects a task; the focus stays where it is. Does nothing while the view is hidden, unless `isForced`. */
  async reveal(connection: Connection, treeId: string, options: { taskId: string; isForced?: boolean }): Promise<void> {
    if (!this.#view.visible && options.isForced !== true) return;
    const node = this.explorer.node(connection, treeId, options.taskId);
    await this.explorer.prepare(node);
    const [selected] = this.#view.selection;
    if (isWork(selected) && taskIdOf(selected) === options.taskId && options.isForced !== true) return;
    await this.#view.reveal(node, { select: true, focus: options.isForced === true, expand: node.kind === 'task' });
  }

  dispose(): void {
    clearTimeout(this.#countTimer);
    for (const stop of this.#stops) stop();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #watch(): void {
    for (const stop of this.#stops) stop();
    this.#stops = this.#connections.all.map(({ store }) => store.onTrees(() => this.#countSoon()));
    this.#countSoon();
    this.#describe();
  }

  #countSoon(): void {
    this.#countTimer ??= setTimeout(() => {
      this.#countTimer = undefined;
      this.#count();
    }, 200);
  }

  #count(): void {
    const trees = this.#connections.all.flatMap(({ store }) => store.trees);
    const running = trees.filter(({ status }) => status === 'running').length;
    const failed = trees.filter(({ status }) => status === 'failed').length;
    const value = running + failed;
    const tooltip = vscode.l10n.t('{0} running, {1} failed', running, failed);
    this.#view.badge = value === 0 ? undefined : { value, tooltip };
  }

  #describe(): void {
    const parts = [this.#filter.text === '' ? '' : `“${this.#filter.text}”`, [...this.#filter.statuses].join(', ')];
    this.#view.description = parts.filter((part) => part !== '').join(' · ');
  }
}
