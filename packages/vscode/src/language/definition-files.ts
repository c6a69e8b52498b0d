/** Definition files, by their names. */
import { allTasks, outlineOf, taskAt } from '@coppice/definition';
import type { OutlinedTask } from '@coppice/definition';
import * as vscode from 'vscode';

export const DEFINITION_GLOB = '**/*.coppice.{yaml,yml,json}';

export const DEFINITION_FILES: vscode.DocumentSelector = [{ pattern: DEFINITION_GLOB }];

export function isDefinition({ path, scheme }: vscode.Uri): boolean {
  return /\.coppice\.(ya?ml|json)$/.test(path) && scheme !== 'git';
}

/** The task that a place in a file is in. Who is left of a line's text means the line. */
export function taskUnder(document: vscode.TextDocument, position: vscode.Position): OutlinedTask | undefined {
  const { firstNonWhitespaceCharacterIndex: textAt } = document.lineAt(position);
  const meant = position.with({ character: Math.max(position.character, textAt) });
  return taskAt(outlineOf(document.getText()), document.offsetAt(meant));
}

/** Moves an editor's cursor to a task by its key, unless it is in that task already. Answers the new selection. */
export function selectTask(editor: vscode.TextEditor, key: string): vscode.Selection | undefined {
  const { document, selection } = editor;
  const place = allTasks(outlineOf(document.getText())).find((task) => task.key === key)?.nameSpan;
  if (place === undefined || taskUnder(document, selection.active)?.key === key) return undefined;
  const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor.selection;
}
