/** Problems of definitions, shown in the files that they are in: a definition may be made of several, and one file may be part of several. */
import type { DefinitionProblem } from '@coppice/definition';
import * as vscode from 'vscode';
import { uriOfFile } from './read-document.ts';

type ByFile = ReadonlyMap<string, readonly DefinitionProblem[]>;

export class ProblemsByFile implements vscode.Disposable {
  readonly #shown = vscode.languages.createDiagnosticCollection('coppice');
  /** What was found by checking each document, by the file that it is in. */
  readonly #found = new Map<string, ByFile>();

  /** Shows what was found in a document and in the files that it uses, in the place of what was found before. */
  show(document: vscode.TextDocument, problems: readonly DefinitionProblem[]): void {
    const byFile = new Map<string, DefinitionProblem[]>([[document.uri.toString(), []]]);
    for (const problem of problems) {
      const uri = uriOfFile(document, problem.file).toString();
      byFile.set(uri, [...(byFile.get(uri) ?? []), problem]);
    }
    this.#replace(document, byFile);
  }

  /** The document is no longer checked. */
  forget(document: vscode.TextDocument): void {
    this.#replace(document, undefined);
  }

  dispose(): void {
    this.#shown.dispose();
  }

  #replace(document: vscode.TextDocument, byFile: ByFile | undefined): void {
    const key = document.uri.toString();
    const before = this.#found.get(key);
    if (byFile === undefined) this.#found.delete(key);
    else this.#found.set(key, byFile);
    for (const file of new Set([...(before?.keys() ?? []), ...(byFile?.keys() ?? [])])) this.#publish(file);
  }

  #publish(file: string): void {
    const uri = vscode.Uri.parse(file);
    const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === file);
    const told = new Map<string, vscode.Diagnostic>();
    for (const byFile of this.#found.values()) {
      for (const { line, column, message } of byFile.get(file) ?? []) {
        const problem = new vscode.Diagnostic(rangeAt(open, line - 1, column - 1), message);
        problem.source = 'coppice';
        told.set(`${line}:${column}:${message}`, problem);
      }
    }
    this.#shown.set(uri, [...told.values()]);
  }
}

function rangeAt(document: vscode.TextDocument | undefined, line: number, column: number): vscode.Range {
  const place = new vscode.Position(Math.max(0, line), Math.max(0, column));
  if (document === undefined) return new vscode.Range(place, place.translate(0, 1));
  const at = document.validatePosition(place);
  return document.getWordRangeAtPosition(at, /[\w."'$-]+/) ?? new vscode.Range(at, document.lineAt(at.line).range.end);
}
