/**
 * A copy that is not run yet, as a JSON document: what it runs again with which inputs, and what it reuses. Saving changes the
 * inputs in the copy; the server says what is wrong with them. The editor's JSON support knows the executors' schemas.
 */
import { isGroup } from '@coppice/client';
import type { Client } from '@coppice/client';
import type { Json, JsonObject } from '@coppice/protocol';
import { canonical, discardDraft, draftCopy, draftText, editDraft, errorText, runDraft } from '@coppice/ui';
import type { CopyDraft, DraftTask } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { watchRun } from '../runs/watched-runs.ts';
import { inLabel } from '../plain-text.ts';

export const SCHEME = 'coppice-copy';
const SCHEMA_SCHEME = 'coppice-copy-schema';

interface OpenDraft {
  readonly connection: Connection;
  readonly draft: CopyDraft;
  readonly schema: string;
  text: string;
  changedAtMs: number;
}

/** The document's own form. */
interface DraftFile {
  readonly runsAgain: Readonly<Record<string, { readonly inputs: JsonObject }>>;
}

export class CopyDrafts implements vscode.FileSystemProvider, vscode.CodeLensProvider, vscode.Disposable {
  readonly #drafts = new Map<string, OpenDraft>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #problems = vscode.languages.createDiagnosticCollection('coppice copy');
  readonly #disposables: vscode.Disposable[];

  constructor() {
    this.#disposables = [
      this.#changed,
      this.#problems,
      vscode.workspace.registerFileSystemProvider(SCHEME, this, { isCaseSensitive: true }),
      vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, this),
      vscode.workspace.registerTextDocumentContentProvider(SCHEMA_SCHEME, {
        provideTextDocumentContent: ({ path }) => this.#drafts.get(path.slice(1, -'.json'.length))?.schema ?? '{}',
      }),
    ];
  }

  /** Makes a copy of a task with what depends on it, and opens it. */
  async start(connection: Connection, taskId: string): Promise<void> {
    const draft = await draftCopy(connection.client, taskId);
    const schema = JSON.stringify(await schemaOf(connection.client, draft));
    const text = `${JSON.stringify(fileOf(draft), null, 2)}\n`;
    this.#drafts.set(draft.treeId, { connection, draft, schema, text, changedAtMs: Date.now() });
    await vscode.window.showTextDocument(uriOf(draft), { preview: false });
  }

  /** Runs the copy of a document, or of a tree in the explorer. */
  async run(target: vscode.Uri | { readonly connection: Connection; readonly treeId: string }): Promise<void> {
    const treeId = treeIdOf(target);
    const open = this.#drafts.get(treeId);
    if (open === undefined) {
      if (target instanceof vscode.Uri) return;
      await target.connection.client.tasks.execute({ taskId: treeId });
      void watchRun(target.connection, treeId);
      return;
    }
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === uriOf(open.draft).toString());
    if (document?.isDirty === true && !(await document.save())) return;
    await runDraft(open.connection.client, open.draft);
    await this.#close(treeId);
    await vscode.commands.executeCommand('coppice.openGraph', { kind: 'tree', connection: open.connection, treeId });
    void watchRun(open.connection, treeId);
  }

  /** Throws the copy away. */
  async discard(target: vscode.Uri | { readonly connection: Connection; readonly treeId: string }): Promise<void> {
    const treeId = treeIdOf(target);
    const connection =
      this.#drafts.get(treeId)?.connection ?? (target instanceof vscode.Uri ? undefined : target.connection);
    await this.#close(treeId);
    if (connection === undefined) return;
    await discardDraft(connection.client, { treeId, name: '', tasks: [] });
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const open = this.#drafts.get(treeIdOf(document.uri));
    if (open === undefined) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(top, { title, command, arguments: command === '' ? [] : [document.uri] });
    return [
      lens(`$(play) ${vscode.l10n.t('Run the copy')}`, 'coppice.runCopy'),
      lens(`$(trash) ${vscode.l10n.t('Discard')}`, 'coppice.discardCopy'),
      lens(inLabel(draftText(open.draft)), ''),
    ];
  }

  // --- the document as a file

  stat(uri: vscode.Uri): vscode.FileStat {
    const { text, changedAtMs } = this.#get(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: changedAtMs, size: text.length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return new TextEncoder().encode(this.#get(uri).text);
  }

  /** Applies what has changed; refuses, with every reason at its place, what the server refuses. */
  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const open = this.#get(uri);
    const text = new TextDecoder().decode(content);
    try {
      const { runsAgain } = JSON.parse(text) as DraftFile;
      for (const task of editable(open.draft)) {
        const inputs = runsAgain[labelOf(task)]?.inputs;
        if (inputs !== undefined && canonical(inputs) !== canonical(task.inputs)) {
          await editDraft(open.connection.client, task.id, inputs);
        }
      }
    } catch (error) {
      const problem = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), errorText(error));
      this.#problems.set(uri, [problem]);
      throw new Error(errorText(error));
    }
    this.#problems.delete(uri);
    open.text = text;
    open.changedAtMs = Date.now();
  }

  watch(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  delete(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  rename(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #get(uri: vscode.Uri): OpenDraft {
    const open = this.#drafts.get(treeIdOf(uri));
    if (open === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return open;
  }

  async #close(treeId: string): Promise<void> {
    const open = this.#drafts.get(treeId);
    if (open === undefined) return;
    const uri = uriOf(open.draft).toString();
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri);
    await vscode.window.tabGroups.close(tabs);
    this.#problems.delete(uriOf(open.draft));
    this.#drafts.delete(treeId);
  }
}

function uriOf({ treeId, name }: CopyDraft): vscode.Uri {
  const safe = name.replaceAll(/[^\p{L}\p{N} _.-]/gu, '-');
  return vscode.Uri.from({ scheme: SCHEME, path: `/${encodeURIComponent(treeId)}/Copy of ${safe}.json` });
}

function treeIdOf(target: vscode.Uri | { readonly treeId: string }): string {
  return target instanceof vscode.Uri ? decodeURIComponent(target.path.split('/')[1] ?? '') : target.treeId;
}

/** A name that is unique in the document and readable. */
function labelOf({ name, id }: DraftTask): string {
  return `${name} (${id.slice(id.lastIndexOf('.') + 1)})`;
}

function editable({ tasks }: CopyDraft): readonly DraftTask[] {
  return tasks.filter((task) => task.willRun && !isGroup(task));
}

function fileOf(draft: CopyDraft): unknown {
  const reused = draft.tasks.filter((task) => !task.willRun && !isGroup(task));
  return {
    $schema: `${SCHEMA_SCHEME}:/${draft.treeId}.json`,
    summary: `The copy ${draftText(draft)}.`,
    runsAgain: Object.fromEntries(
      editable(draft).map((task) => [labelOf(task), { executor: task.executor, inputs: task.inputs }]),
    ),
    reuses: reused.map(({ name }) => name),
  };
}

/** The inputs of each task as its executor describes them. */
async function schemaOf(client: Client, draft: CopyDraft): Promise<JsonObject> {
  const types = [...new Set(editable(draft).map(({ executor }) => executor ?? ''))];
  const inputs = new Map<string, Json>();
  for (const type of types) {
    const executor = await client.executors.get({ type }).catch(() => undefined);
    inputs.set(type, executor?.input ?? {});
  }
  const properties = editable(draft).map((task) => {
    const fields: JsonObject = {
      executor: { const: task.executor ?? '' },
      inputs: inputs.get(task.executor ?? '') ?? {},
    };
    return [labelOf(task), { type: 'object', properties: fields, required: ['inputs'] }] as const;
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      runsAgain: { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false },
    },
  };
}
