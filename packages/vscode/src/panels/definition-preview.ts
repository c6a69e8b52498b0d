/** The graph of a definition file, as it would be stored; it follows the edit. No server is needed. */
import type { SubmissionParams } from '@coppice/definition';
import { DEFINITION_DEFAULTS, DEPENDENCY_DEFAULTS } from '@coppice/protocol';
import type { RunEvent } from '@coppice/protocol';
import type { SessionMessage, ViewMessage } from '@coppice/ui';
import * as vscode from 'vscode';
import { isDefinition } from '../language/definition-files.ts';
import { readDocument } from '../language/read-document.ts';
import { panelHtml } from './panel-html.ts';

const DEBOUNCE_MS = 200;
const TREE_ID = 'preview';

/** Opens the preview beside the editor. */
export async function openPreview(uri: vscode.Uri, extension: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const title = vscode.l10n.t('Preview {0}', uri.path.split('/').at(-1) ?? '');
  const panel = vscode.window.createWebviewPanel(
    'coppice.preview',
    title,
    // The focus stays in the editor, where the person writes.
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist', 'panel')] },
  );
  const post = (message: SessionMessage): void => void panel.webview.postMessage(message);
  const show = async (): Promise<void> => {
    const { version } = document;
    const { result } = await readDocument(document);
    const definition = result.ok ? result.definition : result.rest;
    // While the file can not be read, the last picture stays.
    if (definition === undefined || document.version !== version) return;
    post({ type: 'tree', treeId: TREE_ID, freshness: 'live', actions: [] });
    post({ type: 'events', treeId: TREE_ID, afterSeq: 0, events: [createdEvent(definition.params)] });
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const disposables = [
    panel.webview.onDidReceiveMessage((message: ViewMessage) => {
      if (message.type === 'ready') void show();
      else if (message.type === 'select') {
        post({ type: 'selection', taskId: message.taskId, reveal: false });
      }
    }),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (!isDefinition(event.document.uri)) return;
      clearTimeout(timer);
      timer = setTimeout(() => void show(), DEBOUNCE_MS);
    }),
  ];
  panel.onDidDispose(() => {
    clearTimeout(timer);
    for (const disposable of disposables) disposable.dispose();
  });
  panel.webview.html = panelHtml(panel.webview, extension, 'graph');
}

/** The first event of the tree that the file would become. Exported for its test. */
export function createdEvent({ tasks }: SubmissionParams): RunEvent {
  const keyOf = ({ id, name }: SubmissionParams['tasks'][number]): string => id ?? name ?? '';
  const definitions = tasks.map((task) => ({
    ...DEFINITION_DEFAULTS,
    ...said(task),
    id: keyOf(task),
    key: keyOf(task),
    name: task.name ?? keyOf(task),
    dependencies: (task.dependencies ?? []).map((dependency) => {
      const given = typeof dependency === 'string' ? { task: dependency } : dependency;
      return { ...DEPENDENCY_DEFAULTS, ...said(given), task: given.task, ref: given.task };
    }),
  }));
  const definition = { treeId: TREE_ID, tasks: definitions, inputs: {}, variables: {}, policies: {} };
  const at = new Date(0).toISOString();
  return { treeId: TREE_ID, seq: 1, at, v: 1, type: 'TreeCreated', data: { definition, userId: '', seed: '' } };
}

/** A field that is null counts as absent. */
function said(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
}
