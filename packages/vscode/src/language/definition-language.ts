/** Definition files in the editor: buttons above tasks, outline, going to tasks and renaming them, completion, hover. */
import { isGroup, workOf } from '@coppice/client';
import {
  allTasks,
  completionsAt,
  describeField,
  outlineOf,
  referenceAt,
  referencesTo,
  renameTask,
  useAt,
} from '@coppice/definition';
import type { Completion, CompletionContext, KnownExecutor, Outline, OutlinedTask, Span } from '@coppice/definition';
import { taskDetail } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import { DEFINITION_FILES, isDefinition } from './definition-files.ts';
import { hasOutcome } from './definition-runs.ts';
import type { DefinitionRuns } from './definition-runs.ts';
import { inLabel } from '../plain-text.ts';
import { usableFiles, usedFile } from './usable-files.ts';

const KINDS: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  field: vscode.CompletionItemKind.Property,
  executor: vscode.CompletionItemKind.Class,
  task: vscode.CompletionItemKind.Reference,
  value: vscode.CompletionItemKind.EnumMember,
};

export class DefinitionLanguage
  implements
    vscode.CodeLensProvider,
    vscode.DocumentSymbolProvider,
    vscode.DefinitionProvider,
    vscode.ReferenceProvider,
    vscode.RenameProvider,
    vscode.CompletionItemProvider,
    vscode.HoverProvider,
    vscode.Disposable
{
  readonly #connections: Connections;
  readonly #runs: DefinitionRuns;
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#lensesChanged.event;
  /** The outline of each file as it was when it could last be read. */
  readonly #outlines = new Map<string, Outline>();
  #executors: readonly KnownExecutor[] = [];
  readonly #disposables: vscode.Disposable[];

  constructor(connections: Connections, runs: DefinitionRuns) {
    this.#connections = connections;
    this.#runs = runs;
    const { languages } = vscode;
    this.#disposables = [
      this.#lensesChanged,
      runs.onDidChange(() => this.#lensesChanged.fire()),
      connections.onDidChange(() => void this.#learnExecutors()),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#outlines.delete(uri.toString())),
      languages.registerCodeLensProvider(DEFINITION_FILES, this),
      languages.registerDocumentSymbolProvider(DEFINITION_FILES, this, { label: 'Coppice' }),
      languages.registerDefinitionProvider(DEFINITION_FILES, this),
      languages.registerReferenceProvider(DEFINITION_FILES, this),
      languages.registerRenameProvider(DEFINITION_FILES, this),
      languages.registerCompletionItemProvider(DEFINITION_FILES, this, ' ', '.', '[', '-'),
      languages.registerHoverProvider(DEFINITION_FILES, this),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { uri } = document;
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (range: vscode.Range, command: vscode.Command): vscode.CodeLens => new vscode.CodeLens(range, command);
    const lenses = [
      lens(top, { title: `$(play) ${vscode.l10n.t('Run')}`, command: 'coppice.runDefinition', arguments: [uri] }),
      lens(top, {
        title: `$(check) ${vscode.l10n.t('Validate')}`,
        command: 'coppice.validateDefinition',
        arguments: [uri],
      }),
      lens(top, {
        title: `$(type-hierarchy) ${vscode.l10n.t('Graph')}`,
        command: 'coppice.previewDefinition',
        arguments: [uri],
      }),
    ];
    const last = this.#runs.find(uri);
    if (last === undefined) return lenses;
    for (const { key, nameSpan } of allTasks(this.#outline(document))) {
      const task = this.#runs.task(uri, key);
      if (task === undefined || !hasOutcome(task, last.run)) continue;
      const node = { kind: 'task', connection: last.connection, treeId: last.treeId, taskId: task.id };
      const title = `${ICONS[task.status] ?? ''} ${inLabel(taskDetail(task, Date.now()))}`;
      lenses.push(lens(rangeOf(document, nameSpan), { title, command: 'coppice.openTask', arguments: [node] }));
    }
    return lenses;
  }

  provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
    const symbolOf = ({ key, name, executor, use, span, nameSpan, children }: OutlinedTask): vscode.DocumentSymbol => {
      const kind = isGroup({ executor }) ? vscode.SymbolKind.Namespace : vscode.SymbolKind.Function;
      const detail = [executor ?? use?.path ?? '', name === key ? '' : key].filter((part) => part !== '').join(' · ');
      const symbol = new vscode.DocumentSymbol(
        name,
        detail,
        kind,
        rangeOf(document, span),
        rangeOf(document, nameSpan),
      );
      symbol.children = children.map(symbolOf);
      return symbol;
    };
    return this.#outline(document).tasks.map(symbolOf);
  }

  provideDefinition(document: vscode.TextDocument, position: vscode.Position): vscode.Location | undefined {
    const outline = this.#outline(document);
    const offset = document.offsetAt(position);
    const use = useAt(outline, offset);
    if (use !== undefined) return new vscode.Location(usedFile(document, use.path), new vscode.Position(0, 0));
    const reference = referenceAt(outline, offset);
    const found = referencesTo(outline, reference?.key ?? '').find(({ kind }) => kind === 'definition');
    return found === undefined ? undefined : new vscode.Location(document.uri, rangeOf(document, found));
  }

  provideReferences(document: vscode.TextDocument, position: vscode.Position): vscode.Location[] {
    const outline = this.#outline(document);
    const reference = referenceAt(outline, document.offsetAt(position));
    return referencesTo(outline, reference?.key ?? '').map(
      (each) => new vscode.Location(document.uri, rangeOf(document, each)),
    );
  }

  prepareRename(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): { range: vscode.Range; placeholder: string } {
    const reference = referenceAt(this.#outline(document), document.offsetAt(position));
    if (reference === undefined) throw new Error(vscode.l10n.t('There is no name of a task here.'));
    return { range: rangeOf(document, reference), placeholder: reference.key };
  }

  provideRenameEdits(document: vscode.TextDocument, position: vscode.Position, newName: string): vscode.WorkspaceEdit {
    const outline = this.#outline(document);
    const reference = referenceAt(outline, document.offsetAt(position));
    const renamed = renameTask(outline, reference?.key ?? '', newName);
    if (!renamed.ok) throw new Error(renamed.reason);
    const edit = new vscode.WorkspaceEdit();
    for (const { start, end, text } of renamed.edits)
      edit.replace(document.uri, rangeOf(document, { start, end }), text);
    return edit;
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    // The editor completes JSON itself, by the schema.
    if (!/\.ya?ml$/.test(document.uri.path)) return [];
    const before = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
    const context = { ...this.#context(document), ...(await usableFiles(document, before)) };
    return completionsAt(before, context).map(({ text, kind, description }) => {
      const item = new vscode.CompletionItem(text, KINDS[kind]);
      if (description !== undefined) item.documentation = description;
      if (kind === 'field') item.insertText = `${text}: `;
      return item;
    });
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const outline = this.#outline(document);
    const reference = referenceAt(outline, document.offsetAt(position));
    const task = allTasks(outline).find(({ key }) => key === reference?.key);
    if (reference !== undefined && task !== undefined) {
      const last = this.#runs.task(document.uri, task.key);
      const lines = [`${task.name} (${workOf(task)})`];
      if (task.dependencies.length > 0) lines.push(vscode.l10n.t('after {0}', task.dependencies.join(', ')));
      if (last !== undefined) lines.push(vscode.l10n.t('last run: {0}', taskDetail(last, Date.now())));
      const text = new vscode.MarkdownString().appendText(lines.join('\n'));
      return new vscode.Hover(text, rangeOf(document, reference));
    }
    const range = document.getWordRangeAtPosition(position, /\w+/);
    const word = range === undefined ? '' : document.getText(range);
    const executor = this.#executors.find(({ type }) => type === word);
    if (executor !== undefined && /executor/.test(document.lineAt(position.line).text))
      return new vscode.Hover(new vscode.MarkdownString().appendText(executor.description));
    const before = document.getText(new vscode.Range(new vscode.Position(0, 0), range?.start ?? position));
    const description = describeField(before, word, this.#context(document));
    return description === undefined ? undefined : new vscode.Hover(description);
  }

  #context(document: vscode.TextDocument): CompletionContext {
    return { executors: this.#executors, outline: this.#outline(document) };
  }

  #outline(document: vscode.TextDocument): Outline {
    if (!isDefinition(document.uri)) return { tasks: [], references: [] };
    const key = document.uri.toString();
    const outline = outlineOf(document.getText());
    const kept = this.#outlines.get(key);
    // A file that is being typed in may be unreadable for a moment.
    if (outline.tasks.length === 0 && kept !== undefined) return kept;
    this.#outlines.set(key, outline);
    return outline;
  }

  async #learnExecutors(): Promise<void> {
    const connection = this.#connections.all.find(({ freshness }) => freshness === 'live');
    if (connection === undefined || this.#executors.length > 0) return;
    try {
      const { items } = await connection.client.executors.list();
      const details = await Promise.all(items.map(({ type }) => connection.client.executors.get({ type })));
      this.#executors = details.map(({ type, description, input }) => ({ type, description, input: input ?? {} }));
    } catch (error) {
      connection.log.debug(`executors: ${String(error)}`);
    }
  }
}

const ICONS: Readonly<Record<string, string>> = {
  completed: '$(pass)',
  failed: '$(error)',
  running: '$(sync~spin)',
  skipped: '$(debug-step-over)',
  cancelled: '$(circle-slash)',
};

function rangeOf(document: vscode.TextDocument, { start, end }: Span): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
