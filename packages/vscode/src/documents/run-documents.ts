/** What is known of a task or tree as read-only documents; open ones follow what happens. */
import type { RunView, TaskView } from '@coppice/client';
import { comparedSide, compareRuns, depthFirst } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connections } from '../connections/connections.ts';
import type { SessionHold } from '../connections/session-hold.ts';
import { taskIdOf } from '../explorer/nodes.ts';
import type { WorkNode } from '../explorer/nodes.ts';

export const SCHEME = 'coppice';

/** What a document shows. `origin` and `copy` are the two sides of a comparison. */
export type Topic =
  'task' | 'input' | 'output' | 'error' | 'attempts' | 'attempt' | 'events' | 'explain' | 'origin' | 'copy';

interface Address {
  readonly connection: string;
  readonly treeId: string;
  readonly taskId: string;
  readonly topic: Topic;
  readonly attempt?: number;
  /** The other tree of a comparison. */
  readonly otherTreeId?: string;
}

const REFRESH_MS = 250;
const EVENTS_MAX = 1000;

export class RunDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #connections: Connections;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #holds = new Map<string, { readonly hold: SessionHold; readonly stop: () => void }>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #disposables: vscode.Disposable[];

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#disposables = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#closed(uri)),
    ];
  }

  /** Shows a document about a task. */
  async open(node: WorkNode, topic: Topic): Promise<void> {
    const uri = await this.#uriOf(node, topic);
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  /** The last two attempts side by side. */
  async compareAttempts(node: WorkNode): Promise<void> {
    const { items } = await node.connection.client.tasks.attempts({ taskId: taskIdOf(node) });
    const [before, last] = items.slice(-2);
    if (before === undefined || last === undefined) throw new Error(vscode.l10n.t('There has been one attempt only.'));
    const left = await this.#uriOf(node, 'attempt', { attempt: before.attempt });
    const right = await this.#uriOf(node, 'attempt', { attempt: last.attempt });
    const title = vscode.l10n.t('Attempt {0} ↔ attempt {1}', before.attempt, last.attempt);
    await vscode.commands.executeCommand('vscode.diff', left, right, title);
  }

  /** A copy beside its origin: inputs, outcome, structure and durations of every task. */
  async compareWithOrigin(node: WorkNode): Promise<void> {
    const copy = await node.connection.sessions.hold(node.treeId);
    const originId = copy.log.view.definition?.origin?.treeId;
    copy.dispose();
    if (originId === undefined) throw new Error(vscode.l10n.t('This tree is no copy.'));
    const options = { otherTreeId: originId };
    const left = await this.#uriOf({ ...node, kind: 'tree' }, 'origin', options);
    const right = await this.#uriOf({ ...node, kind: 'tree' }, 'copy', options);
    await vscode.commands.executeCommand('vscode.diff', left, right, vscode.l10n.t('Origin ↔ copy'));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const address = addressOf(uri);
    const connection = this.#connections.find(address.connection);
    if (connection === undefined) return vscode.l10n.t('The server is not connected.');
    try {
      const { session } = await this.#follow(uri, address);
      return JSON.stringify(await this.#content(address, session.shown), null, 2);
    } catch (error) {
      return JSON.stringify({ problem: error instanceof Error ? error.message : String(error) }, null, 2);
    }
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const { stop } of this.#holds.values()) stop();
    this.#holds.clear();
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }

  async #uriOf(node: WorkNode, topic: Topic, more: Partial<Address> = {}): Promise<vscode.Uri> {
    const taskId = taskIdOf(node);
    const hold = await node.connection.sessions.hold(node.treeId);
    const name = hold.log.view.tasks.get(taskId)?.definition.name ?? taskId;
    hold.dispose();
    const address: Address = { connection: node.connection.spec.id, treeId: node.treeId, taskId, topic, ...more };
    const suffix = address.attempt === undefined ? topic : `${topic}-${address.attempt}`;
    const safe = name.replaceAll(/[^\p{L}\p{N} _.-]/gu, '-');
    return vscode.Uri.from({ scheme: SCHEME, path: `/${safe}.${suffix}.json`, query: JSON.stringify(address) });
  }

  async #content({ connection, taskId, topic, attempt, otherTreeId }: Address, run: RunView): Promise<unknown> {
    const task = run.tasks.get(taskId);
    const client = this.#connections.find(connection)?.client;
    if (task === undefined || client === undefined) return { problem: vscode.l10n.t('There is no such task.') };
    switch (topic) {
      case 'input':
        return task.input ?? task.definition.inputs;
      case 'output':
        return task.output ?? null;
      case 'error':
        return task.error ?? task.reason ?? null;
      case 'attempts':
        return (await client.tasks.attempts({ taskId })).items;
      case 'attempt':
        return (await client.tasks.attempts({ taskId })).items.find((each) => each.attempt === attempt) ?? null;
      case 'events': {
        const { log } = this.#holdOf(connection, run) ?? {};
        const about = log?.events.filter(
          (event) => taskId === run.root?.id || ('taskId' in event && event.taskId === taskId),
        );
        return about?.slice(-EVENTS_MAX) ?? [];
      }
      case 'explain':
        return client.tasks.explain({ taskId });
      case 'origin':
      case 'copy':
        return this.#comparison(connection, run, { side: topic, otherTreeId: otherTreeId ?? '' });
      case 'task':
        return details(task, run);
    }
  }

  #holdOf(connection: string, run: RunView): SessionHold | undefined {
    for (const { hold } of this.#holds.values()) if (hold.session.treeId === run.root?.id) return hold;
    this.#connections.find(connection)?.log.debug('no log is held for a document');
    return undefined;
  }

  async #comparison(
    connectionId: string,
    copy: RunView,
    { side, otherTreeId }: { readonly side: 'origin' | 'copy'; readonly otherTreeId: string },
  ): Promise<unknown> {
    const connection = this.#connections.find(connectionId);
    if (connection === undefined) return null;
    const held = await connection.sessions.hold(otherTreeId);
    try {
      return comparedSide(compareRuns(held.log.view, copy), side);
    } finally {
      held.dispose();
    }
  }

  /** Holds the log of the tree while the document is open, and tells the editor when it has changed. */
  async #follow(uri: vscode.Uri, { connection, treeId }: Address): Promise<SessionHold> {
    const key = uri.toString();
    const known = this.#holds.get(key);
    if (known !== undefined) return known.hold;
    const found = this.#connections.find(connection);
    if (found === undefined) throw new Error(vscode.l10n.t('The server is not connected.'));
    const hold = await found.sessions.hold(treeId);
    const later = (): void => {
      if (this.#timers.has(key)) return;
      this.#timers.set(
        key,
        setTimeout(() => {
          this.#timers.delete(key);
          this.#changed.fire(uri);
        }, REFRESH_MS),
      );
    };
    const stops = [hold.log.onEvents(later), hold.session.listen({ cursorMoved: later })];
    const stop = (): void => {
      for (const each of stops) each();
      hold.dispose();
    };
    this.#holds.set(key, { hold, stop });
    return hold;
  }

  #closed(uri: vscode.Uri): void {
    const key = uri.toString();
    this.#holds.get(key)?.stop();
    this.#holds.delete(key);
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}

function addressOf({ query }: vscode.Uri): Address {
  return JSON.parse(query) as Address;
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function details(task: TaskView, run: RunView): unknown {
  const { definition } = task;
  return {
    name: definition.name,
    status: task.status,
    attempt: task.attempt,
    executor: definition.executor ?? null,
    error: task.error ?? null,
    reason: task.reason ?? null,
    output: task.output ?? null,
    input: task.input ?? null,
    definedInputs: definition.inputs,
    dependencies: definition.dependencies.map(({ task: id, on }) => ({
      task: run.tasks.get(id)?.definition.name ?? id,
      on,
    })),
    policies: definition.policies,
    tags: definition.tags,
    readyAt: iso(task.readyAtMs),
    startedAt: iso(task.startedAtMs),
    endedAt: iso(task.endedAtMs),
    reused: task.isReused,
    id: task.id,
    copyOf: definition.originalTaskId ?? null,
    tree: { id: run.root?.id, status: run.status, inputs: run.inputs, tasks: depthFirst(run).length, event: run.seq },
  };
}
