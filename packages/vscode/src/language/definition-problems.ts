/** What is wrong with definition files, at its lines: by their form, by the server's own rules, and by their last run. */
import { unhandledFailures } from '@coppice/client';
import { allTasks, outlineOf } from '@coppice/definition';
import type { DefinitionProblem } from '@coppice/definition';
import { oneLine } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import { isDefinition } from './definition-files.ts';
import type { DefinitionRuns } from './definition-runs.ts';
import { ProblemsByFile } from './problems-by-file.ts';
import { readDocument } from './read-document.ts';

const DEBOUNCE_MS = 300;

export class DefinitionProblems implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #runs: DefinitionRuns;
  readonly #problems = new ProblemsByFile();
  readonly #failures = vscode.languages.createDiagnosticCollection('coppice run');
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** The files that each checked document uses. */
  readonly #used = new Map<string, ReadonlySet<string>>();
  readonly #disposables: vscode.Disposable[];

  constructor(connections: Connections, runs: DefinitionRuns) {
    this.#connections = connections;
    this.#runs = runs;
    this.#disposables = [
      this.#problems,
      this.#failures,
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkSoon(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        this.#checkSoon(document, DEBOUNCE_MS);
        this.#checkUsing(document.uri);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#problems.forget(document);
        this.#used.delete(document.uri.toString());
      }),
      runs.onDidChange((uri) => this.#showFailures(uri)),
      connections.onDidChange((connection) => {
        if (connection?.freshness === 'live') this.#checkAll();
      }),
    ];
    this.#checkAll();
  }

  /** Checks a document now; answers the number of problems. */
  async check(document: vscode.TextDocument): Promise<number> {
    const { version } = document;
    const found = await this.#find(document);
    if (document.isClosed || document.version !== version) return found.length;
    this.#problems.show(document, found);
    return found.length;
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #find(document: vscode.TextDocument): Promise<readonly DefinitionProblem[]> {
    const { result: parsed, used } = await readDocument(document);
    this.#used.set(document.uri.toString(), used);
    const definition = parsed.ok ? parsed.definition : parsed.rest;
    const own = parsed.ok ? [] : parsed.problems;
    const server = this.#connections.all.find(({ freshness }) => freshness === 'live');
    if (definition === undefined || server === undefined) return own;
    try {
      const answer = await server.client.tasks.validate(definition.params);
      const more = 'errors' in answer ? definition.problemsOf(answer.errors) : [];
      const keyOf = ({ file, path }: DefinitionProblem): string => [file, ...path].join('\u0000');
      const known = new Set(own.map(keyOf));
      return [...own, ...more.filter((problem) => !known.has(keyOf(problem)))];
    } catch (error) {
      server.log.warn(`tasks.validate: ${String(error)}`);
      return own;
    }
  }

  #checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document, 0);
  }

  /** What is wrong in a file shows where the files are checked that use it. */
  #checkUsing(uri: vscode.Uri): void {
    const changed = uri.toString();
    for (const document of vscode.workspace.textDocuments)
      if (this.#used.get(document.uri.toString())?.has(changed) === true) this.#checkSoon(document, DEBOUNCE_MS);
  }

  #checkSoon(document: vscode.TextDocument, delayMs: number): void {
    if (!isDefinition(document.uri)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        void this.check(document);
      }, delayMs),
    );
  }

  /** Failures of the last run stand at the tasks that failed, until the next run. */
  #showFailures(uri: vscode.Uri): void {
    const last = this.#runs.find(uri);
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    if (last === undefined || document === undefined) return;
    const places = new Map(allTasks(outlineOf(document.getText())).map(({ key, nameSpan }) => [key, nameSpan]));
    this.#failures.set(
      uri,
      unhandledFailures(last.run).flatMap((task) => {
        const place = places.get(task.definition.key);
        if (place === undefined) return [];
        const range = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
        const text = vscode.l10n.t('The last run failed here: {0}', oneLine(task.error?.message ?? ''));
        const problem = new vscode.Diagnostic(range, text);
        problem.source = 'coppice run';
        return [problem];
      }),
    );
  }
}
