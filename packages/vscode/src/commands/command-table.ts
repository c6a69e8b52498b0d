/** All commands by their names. The manifest names the same ones; a test compares the two. */
import * as vscode from 'vscode';
import { BUSY_TEXT, errorText, isBusy } from '@coppice/ui';
import type { Connection } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { CopyDrafts } from '../documents/copy-drafts.ts';
import type { RunDocuments } from '../documents/run-documents.ts';
import type { ExplorerView } from '../explorer/explorer-view.ts';
import type { ExplorerFilter } from '../explorer/filter.ts';
import type { DefinitionProblems } from '../language/definition-problems.ts';
import type { DefinitionRuns } from '../language/definition-runs.ts';
import type { LogTerminals } from '../runs/log-terminals.ts';
import type { DetailsPanel } from '../panels/details-panel.ts';
import type { RunPanels } from '../panels/run-panels.ts';
import { bulkCommands } from './bulk-commands.ts';
import { connectionCommands } from './connection-commands.ts';
import { definitionCommands } from './definition-commands.ts';
import { holdCommands } from './hold-commands.ts';
import { showCommands } from './show-commands.ts';
import type { Targets } from './target.ts';
import { workCommands } from './work-commands.ts';
import { inNotification } from '../plain-text.ts';

/** What commands work with. */
export interface Services {
  readonly connections: Connections;
  readonly view: ExplorerView;
  readonly filter: ExplorerFilter;
  readonly panels: RunPanels;
  readonly details: DetailsPanel;
  readonly documents: RunDocuments;
  readonly drafts: CopyDrafts;
  readonly logs: LogTerminals;
  readonly problems: DefinitionProblems;
  readonly runs: DefinitionRuns;
  readonly targets: Targets;
  readonly extension: vscode.Uri;
}

/** How long the status bar says that a server is busy. */
const BUSY_MS = 5000;

/** Does what it stands for; a rejection is shown to the person. */
export type Command = (argument: unknown) => unknown;

export function commandTable(services: Services): Readonly<Record<string, Command>> {
  return {
    ...connectionCommands(services),
    ...definitionCommands(services),
    ...workCommands(services),
    ...bulkCommands(services),
    ...holdCommands(services),
    ...showCommands(services),
  };
}

export function registerCommands(services: Services): vscode.Disposable[] {
  return Object.entries(commandTable(services)).map(([name, command]) =>
    vscode.commands.registerCommand(`coppice.${name}`, async (argument: unknown) => {
      try {
        return await command(argument);
      } catch (error) {
        const { connection } = (argument ?? {}) as { readonly connection?: Connection };
        await tell(error, connection ?? services.connections.all[0]);
        return undefined;
      }
    }),
  );
}

async function tell(error: unknown, connection: Connection | undefined): Promise<void> {
  if (isBusy(error)) {
    connection?.log.info(BUSY_TEXT);
    vscode.window.setStatusBarMessage(
      `$(watch) ${vscode.l10n.t('The server is busy. Try again in a moment.')}`,
      BUSY_MS,
    );
    return;
  }
  const text = errorText(error);
  connection?.log.error(text);
  const openLog = vscode.l10n.t('Open Log');
  const choice = await vscode.window.showErrorMessage(
    inNotification(text),
    ...(connection === undefined ? [] : [openLog]),
  );
  if (choice === openLog) connection?.log.show();
}
