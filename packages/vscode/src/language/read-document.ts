/** Reads a definition with the files that it uses: as they are in the editor, else as they are stored. */
import { parseDefinition, readDefinition } from '@coppice/definition';
import type { DefinitionResult, UseOptions } from '@coppice/definition';
import * as vscode from 'vscode';

/** Larger files are refused. */
const BYTES_MAX = 16 * 1024 * 1024;

export interface ReadDocument {
  readonly result: DefinitionResult;
  /** The files that were asked for, as texts of their addresses. */
  readonly used: ReadonlySet<string>;
}

export async function readDocument(document: vscode.TextDocument): Promise<ReadDocument> {
  const used = new Set<string>();
  const text = document.getText();
  // A file without a name has no folder yet.
  if (document.isUntitled) return { result: parseDefinition(text, document.fileName), used };
  return { result: await readDefinition(text, document.fileName, usedFilesOf(document.uri, used)), used };
}

/** The file that a problem of a definition is in. */
export function uriOfFile(document: vscode.TextDocument, file: string): vscode.Uri {
  if (file === document.fileName) return document.uri;
  const folder = /^.*[/\\]/.exec(document.fileName)?.[0] ?? '';
  return vscode.Uri.joinPath(document.uri, '..', file.slice(folder.length));
}

function usedFilesOf(uri: vscode.Uri, used: Set<string>): UseOptions {
  const allowOutside = vscode.workspace.getConfiguration('coppice', uri).get<boolean>('useOutside') === true;
  const folder = vscode.Uri.joinPath(uri, '..');
  return {
    allowOutside,
    async read(path) {
      const file = vscode.Uri.joinPath(folder, path);
      used.add(file.toString());
      if (!allowOutside) await refuseLinks(folder, path);
      const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === file.toString());
      return open?.getText() ?? readStored(file, path);
    },
  };
}

async function readStored(file: vscode.Uri, path: string): Promise<string> {
  const found = await statOf(file);
  if (found === undefined) throw new Error(vscode.l10n.t('There is no file {0}.', path));
  if ((found.type & vscode.FileType.Directory) !== 0)
    throw new Error(vscode.l10n.t('{0} is a folder. Name a definition file in it.', path));
  if (found.size > BYTES_MAX) throw new Error(vscode.l10n.t('{0} is too large for a definition.', path));
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
}

/** Where a link leads to can not be asked here, so it counts as one that leads out. */
async function refuseLinks(folder: vscode.Uri, path: string): Promise<void> {
  const parts = path.split('/');
  for (const end of parts.keys()) {
    const found = await statOf(vscode.Uri.joinPath(folder, ...parts.slice(0, end + 1)));
    if (found !== undefined && (found.type & vscode.FileType.SymbolicLink) !== 0)
      throw new Error(
        vscode.l10n.t(
          '{0} is a link, which may lead out of the folder. Allow it with the setting coppice.useOutside.',
          path,
        ),
      );
  }
}

async function statOf(file: vscode.Uri): Promise<vscode.FileStat | undefined> {
  try {
    return await vscode.workspace.fs.stat(file);
  } catch {
    return undefined;
  }
}
