/** Definition files that a definition can use, and what they take: for completion and for going to them. */
import { declaredInputsOf, resolveUse } from '@coppice/definition';
import type { CompletionContext, DeclaredInputs } from '@coppice/definition';
import * as vscode from 'vscode';
import { DEFINITION_GLOB } from './definition-files.ts';

const FILES_MAX = 200;

/** The file that a path in a definition means. */
export function usedFile({ uri }: vscode.TextDocument, path: string): vscode.Uri {
  return vscode.Uri.joinPath(uri, '..', resolveUse('', path));
}

/** `before`: the text up to the place. Files are looked for only where a path or the inputs of a used file are written. */
export async function usableFiles(
  document: vscode.TextDocument,
  before: string,
): Promise<Pick<CompletionContext, 'files' | 'used'>> {
  if (document.isUntitled) return {};
  if (/^[\s-]*use:\s+\S*$/.test(before.split('\n').at(-1) ?? '')) return { files: await filesBeside(document) };
  const used = new Map<string, DeclaredInputs>();
  if (!/\buse:/.test(before)) return {};
  const path = [...before.matchAll(/^[\s-]*use:\s*["']?([^\s"']+)/gm)].at(-1)?.[1];
  if (path !== undefined) used.set(path, await inputsOf(usedFile(document, path)));
  return { used };
}

async function filesBeside({ uri }: vscode.TextDocument): Promise<readonly string[]> {
  const folder = vscode.Uri.joinPath(uri, '..');
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(folder, DEFINITION_GLOB),
    undefined,
    FILES_MAX,
  );
  const own = uri.toString();
  return found
    .filter((file) => file.toString() !== own)
    .map((file) => `./${file.path.slice(folder.path.length).replace(/^\/+/, '')}`)
    .toSorted();
}

async function inputsOf(file: vscode.Uri): Promise<DeclaredInputs> {
  const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === file.toString());
  try {
    return declaredInputsOf(open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(file)));
  } catch {
    return {};
  }
}
