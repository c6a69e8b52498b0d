/**
 * The explorer: servers, their trees, and the tasks of trees that are unfolded.
 *
 * 1. Only rows that look different are refreshed, in bundles; the whole only when a list has changed.
 * 2. The log of a tree is held while the tree is unfolded, and let go when it is folded.
 */
import { isRunEnded } from '@coppice/client';
import type { RunView, TaskView } from '@coppice/client';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { SessionHold } from '../connections/session-hold.ts';
import type { ExplorerFilter } from './filter.ts';
import { connectionItem, moreItem, rowLook, taskItem, taskTooltip, treeItem } from './items.ts';
import type { ExplorerNode, TaskNode, WorkNode } from './nodes.ts';

const BUNDLE_MS = 60;

interface OpenTree {
  readonly hold: SessionHold;
  /** How each task was last shown. */
  readonly looks: Map<string, string>;
  /** Groups whose members have rows. */
  readonly listed: Set<string>;
  readonly stop: () => void;
}

export class Explorer implements vscode.TreeDataProvider<ExplorerNode>, vscode.Disposable {
  readonly #connections: Connections;
  readonly #filter: ExplorerFilter;
  readonly #nodes = new Map<string, ExplorerNode>();
  readonly #open = new Map<string, OpenTree>();
  readonly #opening = new Map<string, Promise<OpenTree>>();
  readonly #changed = new vscode.EventEmitter<ExplorerNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #dirty = new Set<ExplorerNode>();
  readonly #disposables: vscode.Disposable[];
  readonly #watched = new Map<Connection, () => void>();
  #isAllDirty = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refreshed: (() => void)[] = [];

  constructor(connections: Connections, filter: ExplorerFilter) {
    this.#connections = connections;
    this.#filter = filter;
    this.#disposables = [
      connections.onDidChange((connection) => this.#connectionChanged(connection)),
      filter.onDidChange(() => this.#markAll()),
    ];
    this.#watch();
  }

  getTreeItem(node: ExplorerNode): vscode.TreeItem {
    switch (node.kind) {
      case 'connection':
        return connectionItem(node);
      case 'more':
        return moreItem(node);
      case 'tree': {
        const summary = node.connection.store.find(node.treeId);
        return summary === undefined ? new vscode.TreeItem(node.treeId) : treeItem(node, summary);
      }
      case 'task': {
        const found = this.#find(node);
        if (found === undefined) return new vscode.TreeItem(node.taskId);
        return taskItem(node, found.task, found.run);
      }
    }
  }

  async getChildren(node?: ExplorerNode): Promise<ExplorerNode[]> {
    if (node === undefined) return this.#connections.all.map((connection) => this.#connectionNode(connection));
    switch (node.kind) {
      case 'connection':
        return this.#treesOf(node.connection);
      case 'more':
        return [];
      case 'tree': {
        const { hold } = await this.#openTree(node);
        return this.#childNodes(node, hold.session.shown.root);
      }
      case 'task': {
        await this.#openTree(node);
        return this.#childNodes(node, this.#find(node)?.task);
      }
    }
  }

  getParent(node: ExplorerNode): ExplorerNode | undefined {
    switch (node.kind) {
      case 'connection':
        return undefined;
      case 'more':
      case 'tree':
        return this.#connectionNode(node.connection);
      case 'task': {
        const parent = this.#find(node)?.task.parent;
        if (parent === undefined) return undefined;
        return this.node(node.connection, node.treeId, parent.id);
      }
    }
  }

  resolveTreeItem(item: vscode.TreeItem, node: ExplorerNode): vscode.TreeItem {
    const task = node.kind === 'task' ? this.#find(node)?.task : undefined;
    if (task !== undefined) item.tooltip = taskTooltip(task);
    return item;
  }

  /** The one node of a task; of a root that is its tree's. */
  node(connection: Connection, treeId: string, taskId: string): WorkNode {
    const key = `${connection.spec.id}/${taskId}`;
    const known = this.#nodes.get(key);
    if (known !== undefined && known.kind !== 'connection' && known.kind !== 'more' && known.connection === connection)
      return known;
    const node: WorkNode =
      taskId === treeId ? { kind: 'tree', connection, treeId } : { kind: 'task', connection, treeId, taskId };
    this.#nodes.set(key, node);
    return node;
  }

  /** Loads what a task's node hangs on, so that it can be revealed. */
  async prepare(node: WorkNode): Promise<void> {
    if (node.kind === 'task') await this.#openTree(node);
    if (this.#timer === undefined) return;
    // A node that is being refreshed can not be revealed.
    await new Promise<void>((resolve) => this.#refreshed.push(resolve));
  }

  /** The tree was folded: its log is needed here no more. */
  folded(node: ExplorerNode): void {
    if (node.kind === 'tree') this.#close(keyOf(node));
  }

  /** Refreshes all rows. */
  refresh(): void {
    this.#markAll();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const key of this.#open.keys()) this.#close(key);
    for (const stop of this.#watched.values()) stop();
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }

  #find({ connection, treeId, taskId }: TaskNode): { readonly task: TaskView; readonly run: RunView } | undefined {
    const run = this.#open.get(`${connection.spec.id}/${treeId}`)?.hold.session.shown;
    const task = run?.tasks.get(taskId);
    return run === undefined || task === undefined ? undefined : { task, run };
  }

  #connectionNode(connection: Connection): ExplorerNode {
    const key = `connection:${connection.spec.id}`;
    const known = this.#nodes.get(key);
    if (known?.connection === connection) return known;
    const node: ExplorerNode = { kind: 'connection', connection };
    this.#nodes.set(key, node);
    return node;
  }

  #treesOf(connection: Connection): ExplorerNode[] {
    const { store } = connection;
    const trees = this.#filter.apply(store.trees, connection.userId);
    const nodes: ExplorerNode[] = trees.map(({ treeId }) => this.node(connection, treeId, treeId));
    return store.hasMore ? [...nodes, { kind: 'more', connection }] : nodes;
  }

  #childNodes(node: WorkNode, task: TaskView | undefined): ExplorerNode[] {
    const { connection, treeId } = node;
    const open = this.#open.get(`${connection.spec.id}/${treeId}`);
    const children = task?.children.filter(({ isDeleted }) => !isDeleted) ?? [];
    if (task !== undefined) open?.listed.add(task.id);
    for (const child of children) open?.looks.set(child.id, lookOf(child));
    return children.map(({ id }) => this.node(connection, treeId, id));
  }

  async #openTree(node: WorkNode): Promise<OpenTree> {
    const key = keyOf(node);
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    let opening = this.#opening.get(key);
    if (opening === undefined) {
      opening = this.#hold(node, key).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return opening;
  }

  async #hold({ connection, treeId }: WorkNode, key: string): Promise<OpenTree> {
    const hold = await connection.sessions.hold(treeId);
    const looks = new Map<string, string>();
    const stopEvents = hold.log.onEvents(() => {
      if (hold.session.cursor === undefined) this.#tasksChanged(connection, treeId, hold.log.view.changed);
    });
    const stopSession = hold.session.listen({
      held: (tasks) => {
        if (hold.session.cursor === undefined) this.#tasksChanged(connection, treeId, tasks);
      },
      cursorMoved: () => this.#markDirty(this.node(connection, treeId, treeId)),
    });
    const stop = (): void => {
      stopEvents();
      stopSession();
      hold.dispose();
    };
    const open = { hold, looks, listed: new Set<string>(), stop };
    this.#open.set(key, open);
    return open;
  }

  #close(key: string): void {
    this.#open.get(key)?.stop();
    this.#open.delete(key);
  }

  #tasksChanged(connection: Connection, treeId: string, tasks: Iterable<TaskView>): void {
    const { looks, listed } = this.#open.get(`${connection.spec.id}/${treeId}`) ?? {};
    if (looks === undefined || listed === undefined) return;
    for (const task of tasks) {
      const look = lookOf(task);
      const { parent } = task;
      // One that came, or went, is a row more or less of its group; where that was never unfolded, it is asked when it is.
      const isNewOrGone = looks.has(task.id) === task.isDeleted;
      if (isNewOrGone && parent !== undefined && listed.has(parent.id)) {
        if (task.isDeleted) looks.delete(task.id);
        this.#markDirty(this.node(connection, treeId, parent.id));
      }
      if (!looks.has(task.id) || looks.get(task.id) === look) continue;
      looks.set(task.id, look);
      this.#markDirty(this.node(connection, treeId, task.id));
    }
  }

  #connectionChanged(connection: Connection | undefined): void {
    if (connection === undefined) {
      this.#watch();
      this.#markAll();
    } else {
      // Menus depend on what the server offers.
      this.#markDirty(this.#connectionNode(connection));
    }
  }

  /** Listens to the trees of every connection there is, and to no other. */
  #watch(): void {
    const present = new Set(this.#connections.all);
    for (const [connection, stop] of this.#watched) {
      if (present.has(connection)) continue;
      stop();
      this.#watched.delete(connection);
      for (const key of this.#open.keys()) if (key.startsWith(`${connection.spec.id}/`)) this.#close(key);
    }
    for (const connection of present) {
      if (this.#watched.has(connection)) continue;
      const stop = connection.store.onTrees((change) => {
        const isFiltered = change.kind === 'all' || this.#filter.isByStatus;
        if (isFiltered) this.#markDirty(this.#connectionNode(connection));
        else this.#treeChanged(connection, change.treeId);
      });
      this.#watched.set(connection, stop);
    }
  }

  #treeChanged(connection: Connection, treeId: string): void {
    const status = connection.store.find(treeId)?.status;
    const node = this.node(connection, treeId, treeId);
    // Refreshing an unfolded tree asks for all its rows: only when it has changed itself, not for its percentage.
    const isUnfolded = this.#open.has(`${connection.spec.id}/${treeId}`);
    const open = this.#open.get(`${connection.spec.id}/${treeId}`);
    const look = String(status);
    if (isUnfolded && open?.looks.get(treeId) === look && status !== undefined && !isRunEnded(status)) return;
    open?.looks.set(treeId, look);
    this.#markDirty(node);
  }

  #markAll(): void {
    this.#isAllDirty = true;
    this.#fireSoon();
  }

  #markDirty(node: ExplorerNode): void {
    this.#dirty.add(node);
    this.#fireSoon();
  }

  #fireSoon(): void {
    this.#timer ??= setTimeout(() => this.#fire(), BUNDLE_MS);
  }

  #fire(): void {
    this.#timer = undefined;
    const nodes = this.#isAllDirty ? [undefined] : [...this.#dirty];
    this.#isAllDirty = false;
    this.#dirty.clear();
    for (const node of nodes) this.#changed.fire(node);
    for (const resolve of this.#refreshed.splice(0)) resolve();
  }
}

function keyOf({ connection, treeId }: WorkNode): string {
  return `${connection.spec.id}/${treeId}`;
}

/** All that a row shows, and whether it can be unfolded. */
function lookOf(task: TaskView): string {
  return `${task.definition.name} ${task.status} ${rowLook(task)} ${task.isLeftOut} ${task.children.length > 0}`;
}
