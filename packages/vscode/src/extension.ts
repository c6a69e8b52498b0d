/** The extension in an editor with Node: it can start the workspace's server. */
import type { ExtensionContext } from 'vscode';
import { activateWith } from './activate.ts';
import { connectToWorkspace } from './connections/workspace-server.ts';

export function activate(context: ExtensionContext): Promise<void> {
  return activateWith(context, { connectToWorkspace });
}
