/** A run as a file: saved from the explorer, and shown without a server. */
import { RUN_FILE_SUFFIX } from '@coppice/protocol';
import { readRunFile, savedRun, savedSession } from '@coppice/ui';
import type { RunSession, ViewMessage } from '@coppice/ui';
import * as vscode from 'vscode';
import type { WorkNode } from '../explorer/nodes.ts';
import { panelHtml } from '../panels/panel-html.ts';
import type { PanelKind } from '../panels/panel-html.ts';
import { inNotification } from '../plain-text.ts';

/** Saves a run where the person wants it, and offers to open what was saved. */
export async function exportRun({ connection, treeId }: WorkNode): Promise<void> {
  const { client } = connection;
  const { name: given } = await client.tasks.get({ taskId: treeId });
  const name = given.replaceAll(/[^\p{L}\p{N} _.-]/gu, '-');
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, `${name}${RUN_FILE_SUFFIX}`) }),
    filters: { 'Coppice run': [RUN_FILE_SUFFIX.slice(1), 'gz'] },
  });
  if (uri === undefined) return;
  await vscode.workspace.fs.writeFile(uri, await savedRun(client, treeId));
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
    const session = savedSession(await readRunFile(new Uint8Array(await vscode.workspace.fs.readFile(uri))));
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
