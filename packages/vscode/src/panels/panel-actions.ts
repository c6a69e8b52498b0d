/** What a person asks for in a webview, as a command of the editor. */
import type { Action } from '@coppice/ui';
import * as vscode from 'vscode';
import type { PanelSubject } from './run-panels.ts';

export async function actOn(
  { connection, treeId }: PanelSubject,
  { action, taskId }: { readonly action: Action; readonly taskId: string },
): Promise<void> {
  const kind = taskId === treeId ? 'tree' : 'task';
  // Of a tree it retries what failed, of a task the task with what depends on it.
  const command = action === 'retry' && kind === 'task' ? 'retryTask' : action;
  await vscode.commands.executeCommand(`coppice.${command}`, { kind, connection, treeId, taskId });
}
