/** The question before something is deleted. */
import * as vscode from 'vscode';

/** True when the person wants it. `text` asks and says what goes. */
export async function confirmDelete(text: string): Promise<boolean> {
  const yes = vscode.l10n.t('Delete');
  const detail = vscode.l10n.t('This can not be undone.');
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, yes)) === yes;
}
