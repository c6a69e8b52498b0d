/** Definition files, by their names. */
import { allTasks, outlineOf, taskAt } from '@coppice/definition';
import * as vscode from 'vscode';

export const DEFINITION_GLOB = '**/*.coppice.{yaml,yml,json}';

export const DEFINITION_FILES: vscode.DocumentSelector = [{ pattern: DEFINITION_GLOB }];

export function isDefinition({ path, scheme }: vscode.Uri): boolean {
  return /\.coppice\.(ya?ml|json)$/.test(path) && scheme !== 'git';
}

/** Moves an editor's cursor to a task by its key, unless it is in that task already. */
export function selectTask(editor: vscode.TextEditor, key: string): void {
  const { document, selection } = editor;
  const outline = outlineOf(document.getText());
  const place = allTasks(outline).find((task) => task.key === key)?.nameSpan;
  if (place === undefined || taskAt(outline, document.offsetAt(selection.active))?.key === key) return;
  const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
