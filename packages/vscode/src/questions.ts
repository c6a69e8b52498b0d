/**
 * Questions to a person. They stay open when the focus goes elsewhere: a question that comes after a request to a server would otherwise close by itself
 * when the box of the command or a notification gives the focus back. Escape closes them.
 */
import * as vscode from 'vscode';

const STAYS = { ignoreFocusOut: true };

type PickOptions = Omit<vscode.QuickPickOptions, 'canPickMany' | 'ignoreFocusOut'>;

/** undefined: the person closed the question. */
export function pickOne<Item extends vscode.QuickPickItem>(
  items: readonly Item[],
  options?: PickOptions,
): Thenable<Item | undefined> {
  return vscode.window.showQuickPick(items, { ...options, ...STAYS });
}

/** undefined: the person closed the question. */
export function pickMany<Item extends vscode.QuickPickItem>(
  items: readonly Item[],
  options?: PickOptions,
): Thenable<readonly Item[] | undefined> {
  return vscode.window.showQuickPick(items, { ...options, ...STAYS, canPickMany: true });
}

/** undefined: the person closed the question. */
export function askText(options: Omit<vscode.InputBoxOptions, 'ignoreFocusOut'>): Thenable<string | undefined> {
  return vscode.window.showInputBox({ ...options, ...STAYS });
}
