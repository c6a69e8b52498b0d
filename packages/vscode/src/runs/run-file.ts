/** A run as a file: its events, to be looked at anywhere without a server. */
import { TreeLog } from '@coppice/client';
import type { RunEvent } from '@coppice/protocol';
import { parseRunFile, RunSession, runFileText } from '@coppice/ui';
import type { ViewMessage } from '@coppice/ui';
import * as vscode from 'vscode';
import type { WorkNode } from '../explorer/nodes.ts';
import { panelHtml } from '../panels/panel-html.ts';
import type { PanelKind } from '../panels/panel-html.ts';
import { inNotification } from '../plain-text.ts';

/** Saves a run where the person wants it, and offers to open what was saved. */
export async function exportRun({ connection, treeId }: WorkNode): Promise<void> {
  const hold = await connection.sessions.hold(treeId);
  const name = (hold.log.view.root?.definition.name ?? treeId).replaceAll(/[^\p{L}\p{N} _.-]/gu, '-');
  const text = runFileText(hold.log.events);
  hold.dispose();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, `${name}.coppice-run.json`) }),
    filters: { 'Coppice run': ['coppice-run.json', 'json'] },
  });
  if (uri === undefined) return;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const open = vscode.l10n.t('Open');
  const message = vscode.l10n.t('The run is in {0}.', vscode.workspace.asRelativePath(uri));
  if ((await vscode.window.showInformationMessage(inNotification(message), open)) === open)
    await vscode.commands.executeCommand('vscode.open', uri);
}

/** Shows saved runs, read-only: the timeline in the editor of the file, with any moment of the run. */
export class RunFileEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #extension: vscode.Uri;

  constructor(extension: vscode.Uri) {
    this.#extension = extension;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    const events = parseRunFile(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
    const session = sessionOf(events);
    this.#fill(panel, session, 'timeline');
    const graph = vscode.window.createWebviewPanel(
      'coppice.savedGraph',
      vscode.l10n.t('{0}: graph', uri.path.split('/').at(-1) ?? ''),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true },
    );
    this.#fill(graph, session, 'graph');
    panel.onDidDispose(() => {
      graph.dispose();
      session.dispose();
    });
  }

  #fill(panel: vscode.WebviewPanel, session: RunSession, kind: PanelKind): void {
    const view = session.attach({ post: (message) => void panel.webview.postMessage(message) });
    const disposables = [
      panel.webview.onDidReceiveMessage((message: ViewMessage) => view.receive(message)),
      panel.onDidChangeViewState(() => view.setVisible(panel.visible)),
    ];
    panel.onDidDispose(() => {
      view.detach();
      for (const disposable of disposables) disposable.dispose();
    });
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(this.#extension, 'dist', 'panel')],
    };
    panel.webview.html = panelHtml(panel.webview, this.#extension, kind);
  }
}

/** A session without a server: the file holds all events. */
function sessionOf(events: readonly RunEvent[]): RunSession {
  const log = new TreeLog(events[0]?.treeId ?? '', () => Promise.resolve({ items: [], lastSeq: events.length }));
  for (const event of events) void log.receive(event);
  const never = () => () => undefined;
  const store = { freshness: 'live' as const, onFreshness: never, onTrees: never, find: () => undefined };
  return new RunSession({ store, open: { log, close: () => undefined }, actions: [] });
}
