/** What only an editor with Node can do: start a process. */
import type { Transport } from '@coppice/client';
import type * as vscode from 'vscode';

export interface Environment {
  /** A transport to the server of a workspace folder: the one that runs there already, else one that is started. undefined: not possible here. */
  readonly connectToWorkspace: ((folder: vscode.Uri) => Promise<Transport>) | undefined;
}
