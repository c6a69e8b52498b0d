/** The explorer's view: its badge, its message, and the selection that all views share. */
import { holdText } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import { Explorer } from './explorer.ts';
import type { ExplorerFilter } from './filter.ts';
import { isWork } from './nodes.ts';
import type { ExplorerNode, WorkNode } from './nodes.ts';

export class ExplorerView implements vscode.Disposable {
  readonly explorer: Explorer;
  readonly #view: vscode.TreeView<ExplorerNode>;
  readonly #connections: Connections;
  readonly #filter: ExplorerFilter;
  readonly #disposables: vscode.Disposable[];
  readonly #selected = new vscode.EventEmitter<WorkNode>();
  /** Fires when a person selects a task here. It does not fire for a task that is revealed because of a selection elsewhere. */
  readonly onDidSelect = this.#selected.event;
  /** The row that is being selected because of a selection elsewhere. */
  #revealing: ExplorerNode | undefined;
  #revealed: Promise<void> = Promise.resolve();
  /** The request that came last. */
  #wanted: ExplorerNode | undefined;
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
        if (isWork(first) && first !== this.#revealing) this.#selected.fire(first);
      }),
      connections.onDidChange(() => this.#watch()),
      filter.onDidChange(() => this.#describe()),
    ];
    this.#watch();
  }

  /** The selected row, for commands that are called without one. */
  get selection(): readonly ExplorerNode[] {
    return this.#view.selection;
  }

  /**
   * Shows and selects a task; the focus stays where it is. Does nothing while the view is hidden, unless `isForced`, and when another is to
   * be shown by the time that it could begin.
   */
  async reveal(connection: Connection, treeId: string, options: { taskId: string; isForced?: boolean }): Promise<void> {
    const isForced = options.isForced === true;
    if (!this.#view.visible && !isForced) return;
    const node = this.explorer.node(connection, treeId, options.taskId);
    this.#wanted = node;
    // One after the other: the editor may finish them in another order than they were begun in.
    this.#revealed = this.#revealed
      .catch(() => undefined)
      .then(() => (this.#wanted === node ? this.#select(node, isForced) : undefined));
    await this.#revealed;
  }

  async #select(node: WorkNode, isForced: boolean): Promise<void> {
    await this.explorer.prepare(node);
    const [selected] = this.#view.selection;
    if (selected === node && !isForced) return;
    this.#revealing = node;
    try {
      await this.#view.reveal(node, { select: true, focus: isForced, expand: node.kind === 'task' });
    } finally {
      this.#revealing = undefined;
    }
  }

  dispose(): void {
    clearTimeout(this.#countTimer);
    for (const stop of this.#stops) stop();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #watch(): void {
    for (const stop of this.#stops) stop();
    this.#stops = this.#connections.all.flatMap(({ store, holds }) => [
      store.onTrees(() => this.#countSoon()),
      holds.onChange(() => this.#tellHolds()),
    ]);
    this.#countSoon();
    this.#tellHolds();
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

  /** What is held stands above the trees. */
  #tellHolds(): void {
    const texts = this.#connections.all.flatMap(({ holds }) => holds.items.map(holdText));
    this.#view.message = texts.join('\n');
  }

  #describe(): void {
    const parts = [this.#filter.text === '' ? '' : `“${this.#filter.text}”`, [...this.#filter.statuses].join(', ')];
    this.#view.description = parts.filter((part) => part !== '').join(' · ');
  }
}
