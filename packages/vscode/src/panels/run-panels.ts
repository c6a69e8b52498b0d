/**
 * Panels with the graph or the timeline of a tree. One for each kind and tree; restored after the window was reloaded.
 *
 * A hidden panel has no document and is sent nothing; when it is seen again it asks anew, and gets everything at once.
 */
import type { GraphLook, ViewMessage } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { SessionHold } from '../connections/session-hold.ts';
import { actOn } from './panel-actions.ts';
import { panelHtml } from './panel-html.ts';
import type { PanelKind } from './panel-html.ts';

/** Kinds of panels that show a whole tree in the place of an editor. */
export type RunPanelKind = Exclude<PanelKind, 'details'>;

/** What a panel shows: a tree of a connection. */
export interface PanelSubject {
  readonly connection: Connection;
  readonly treeId: string;
}

interface OpenPanel extends PanelSubject {
  readonly panel: vscode.WebviewPanel;
}

export class RunPanels implements vscode.Disposable {
  readonly #extension: vscode.Uri;
  readonly #connections: Connections;
  readonly #panels = new Map<string, OpenPanel>();
  readonly #disposables: vscode.Disposable[];
  readonly #selected = new vscode.EventEmitter<PanelSubject & { readonly taskId: string }>();
  /** A person selected a task in a panel. */
  readonly onDidSelect = this.#selected.event;

  constructor(extension: vscode.Uri, connections: Connections) {
    this.#extension = extension;
    this.#connections = connections;
    const kinds: readonly RunPanelKind[] = ['graph', 'timeline'];
    this.#disposables = kinds.map((kind) =>
      vscode.window.registerWebviewPanelSerializer(`coppice.${kind}`, {
        deserializeWebviewPanel: (panel, state) => this.#restore(kind, panel, state),
      }),
    );
    this.#disposables.push(this.#selected);
  }

  /** The tree of the panel that is looked at. */
  get active(): PanelSubject | undefined {
    return (
      [...this.#panels.values()].find(({ panel }) => panel.active) ??
      [...this.#panels.values()].find(({ panel }) => panel.visible)
    );
  }

  async open(kind: RunPanelKind, { connection, treeId }: PanelSubject, taskId?: string): Promise<void> {
    const key = keyOf(kind, connection, treeId);
    const known = this.#panels.get(key);
    if (known !== undefined) known.panel.reveal();
    else {
      const panel = vscode.window.createWebviewPanel(`coppice.${kind}`, '…', vscode.ViewColumn.Active, this.#options);
      await this.#fill(kind, panel, { connection, treeId });
    }
    if (taskId !== undefined) await this.select({ connection, treeId }, taskId);
  }

  /** Tells the panels of a tree what is selected elsewhere. */
  async select({ connection, treeId }: PanelSubject, taskId: string): Promise<void> {
    const isShown = [...this.#panels.values()].some((open) => open.connection === connection && open.treeId === treeId);
    if (!isShown) return;
    const hold = await connection.sessions.hold(treeId);
    hold.session.select(taskId);
    hold.dispose();
  }

  dispose(): void {
    const panels = [...this.#panels.values()];
    for (const { panel } of panels) panel.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  get #options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#extension, 'dist', 'panel')] };
  }

  /** The document loads while the run is read. */
  async #fill(kind: RunPanelKind, panel: vscode.WebviewPanel, shown: PanelSubject): Promise<void> {
    const { connection, treeId } = shown;
    const key = keyOf(kind, connection, treeId);
    this.#panels.set(key, { ...shown, panel });
    panel.onDidDispose(() => this.#panels.delete(key));
    const wired = this.#wire(panel, connection.sessions.hold(treeId), shown);
    panel.webview.options = this.#options;
    panel.webview.html = panelHtml(panel.webview, this.#extension, kind);
    panel.iconPath = vscode.Uri.joinPath(this.#extension, 'media', 'tab.svg');
    try {
      const name = await wired;
      if (name !== undefined) panel.title = kind === 'graph' ? name : vscode.l10n.t('{0}: timeline', name);
    } catch (error) {
      panel.dispose();
      throw error;
    }
  }

  /** Answers the run's name; undefined when the panel was closed meanwhile. */
  async #wire(
    panel: vscode.WebviewPanel,
    holding: Promise<SessionHold>,
    shown: PanelSubject,
  ): Promise<string | undefined> {
    let isClosed = false;
    const attached = holding.then((hold) => {
      const view = hold.session.attach({ post: (message) => void panel.webview.postMessage(message) });
      if (!isClosed) view.setVisible(panel.visible);
      return { hold, view };
    });
    const listening = panel.webview.onDidReceiveMessage(async (message: ViewMessage) => {
      // The caller that opened the panel shows why a run can not be read.
      const ready = await attached.catch(() => undefined);
      if (message.type === 'act') void actOn(shown, message);
      else if (message.type === 'look') await rememberLook(message.look);
      else ready?.view.receive(message);
    });
    panel.onDidDispose(() => {
      isClosed = true;
      listening.dispose();
    });
    const { hold, view } = await attached;
    if (isClosed) {
      view.detach();
      hold.dispose();
      return undefined;
    }
    const seeing = panel.onDidChangeViewState(() => view.setVisible(panel.visible));
    const stop = hold.session.listen({
      selected: (taskId, { isByView }) => {
        if (taskId !== undefined && isByView) this.#selected.fire({ ...shown, taskId });
      },
    });
    panel.onDidDispose(() => {
      view.detach();
      stop();
      seeing.dispose();
      hold.dispose();
    });
    return hold.log.view.root?.definition.name ?? shown.treeId;
  }

  /** The tree is looked for in every connection, as they come up. */
  async #restore(kind: RunPanelKind, panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const treeId = (state as { readonly treeId?: unknown } | undefined)?.treeId;
    if (typeof treeId !== 'string') {
      panel.dispose();
      return;
    }
    const tried = new Set<Connection>();
    const search = async (): Promise<void> => {
      for (const connection of this.#connections.all) {
        if (tried.has(connection) || connection.freshness !== 'live') continue;
        tried.add(connection);
        const isThere = await connection.client.tasks.get({ taskId: treeId }).then(
          () => true,
          () => false,
        );
        if (!isThere) continue;
        listening.dispose();
        await this.#fill(kind, panel, { connection, treeId });
        return;
      }
    };
    const listening = this.#connections.onDidChange(() => void search());
    panel.onDidDispose(() => void listening.dispose());
    await search();
  }
}

function keyOf(kind: RunPanelKind, connection: Connection, treeId: string): string {
  return `${kind} ${connection.spec.id} ${treeId}`;
}

/** Panels that are opened later look as the person chose last. */
async function rememberLook(look: GraphLook): Promise<void> {
  await vscode.workspace.getConfiguration('coppice.graph').update('look', look, vscode.ConfigurationTarget.Global);
}
