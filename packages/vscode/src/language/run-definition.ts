/** Running, checking and previewing a definition file. */
import { isLoopbackUrl } from '@coppice/client';
import type { Client } from '@coppice/client';
import type { Definition } from '@coppice/definition';
import * as vscode from 'vscode';
import { askInputs } from '../commands/ask-inputs.ts';
import type { Connection } from '../connections/connection.ts';
import type { DefinitionProblems } from './definition-problems.ts';
import type { DefinitionRuns } from './definition-runs.ts';
import { readDocument } from './read-document.ts';

/** Reads a file that can be submitted; else shows its problems and throws. */
export async function readDefinition(uri: vscode.Uri, problems: DefinitionProblems): Promise<Definition> {
  const document = await vscode.workspace.openTextDocument(uri);
  const found = await problems.check(document);
  const { result } = await readDocument(document);
  if (result.ok && found === 0) return result.definition;
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  throw new Error(
    found === 1
      ? vscode.l10n.t('One problem is to be solved first.')
      : vscode.l10n.t('{0} problems are to be solved first.', found),
  );
}

export interface RunOptions {
  readonly connection: Connection;
  readonly definition: Definition;
  readonly runs: DefinitionRuns;
  /** Who asks. Default: the editor. */
  readonly client?: Client;
}

/** The definition with the inputs that it requires; undefined: a person was asked for them, and closed the question. */
export async function withInputs(definition: Definition): Promise<Definition | undefined> {
  const { declares, inputs: given = {} } = definition.params;
  if (declares?.inputs === undefined) return definition;
  const inputs = await askInputs({ declared: declares.inputs, given });
  return inputs === undefined ? undefined : { ...definition, params: { ...definition.params, inputs } };
}

/** Starts a run of a file; answers its tree. */
export async function runDefinition(
  uri: vscode.Uri,
  { connection, definition, runs, client = connection.client }: RunOptions,
): Promise<string> {
  // The file's ids may be taken by the run before.
  const { treeId } = await client.tasks.execute({
    ...definition.params,
    ...folderOf(uri, connection),
    reidentify: true,
  });
  await runs.started(uri, connection, treeId);
  return treeId;
}

/** Relative paths start in the folder of the file, where the server sees the same files. */
function folderOf(uri: vscode.Uri, { spec }: Connection): { readonly baseDir?: string } {
  const isHere = spec.url === undefined || isLoopbackUrl(spec.url);
  return uri.scheme === 'file' && isHere ? { baseDir: vscode.Uri.joinPath(uri, '..').fsPath } : {};
}
