/** The extension in a browser: it connects to servers that run elsewhere. */
import type { ExtensionContext } from 'vscode';
import { activateWith } from './activate.ts';

export function activate(context: ExtensionContext): Promise<void> {
  return activateWith(context, { connectToWorkspace: undefined });
}
