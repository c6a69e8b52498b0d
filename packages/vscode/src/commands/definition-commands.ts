/** Commands about definition files. */
import * as vscode from 'vscode';
import { openPreview } from '../panels/definition-preview.ts';
import { readDefinition, runDefinition, withInputs } from '../language/run-definition.ts';
import { watchRun } from '../runs/watched-runs.ts';
import type { Command, Services } from './command-table.ts';

export function definitionCommands(services: Services): Readonly<Record<string, Command>> {
  const { targets, problems, runs, extension } = services;
  return {
    runDefinition: async (argument) => {
      requireTrust();
      const uri = targets.definition(argument);
      const connection = await targets.server();
      if (connection === undefined) return undefined;
      const definition = await withInputs(await readDefinition(uri, problems));
      if (definition === undefined) return undefined;
      const treeId = await runDefinition(uri, { connection, definition, runs });
      void watchRun(connection, treeId);
      return treeId;
    },
    validateDefinition: async (argument) => {
      const uri = targets.definition(argument);
      const { params } = await readDefinition(uri, problems);
      const count = params.tasks.length;
      void vscode.window.showInformationMessage(vscode.l10n.t('Valid: {0} tasks.', count));
    },
    previewDefinition: (argument) => openPreview(targets.definition(argument), extension),
  };
}

/** What runs programs waits until the workspace is trusted. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new Error(vscode.l10n.t('Trust the workspace first: runs execute what its files say.'));
}
