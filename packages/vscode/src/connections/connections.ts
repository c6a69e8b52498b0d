/** All connections: those that are remembered, and the workspace's own. Tokens are secrets, never settings. */
import { webSocketTransport } from '@coppice/client';
import type { Freshness, Transport } from '@coppice/client';
import * as vscode from 'vscode';
import { Connection } from './connection.ts';
import type { ServerSpec } from './connection.ts';
import type { Environment } from './environment.ts';

const SERVERS_KEY = 'coppice.servers';
const USED_KEY = 'coppice.workspaceServerUsed';
const WORKSPACE_ID = 'workspace';

export class Connections implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #environment: Environment;
  readonly #connections = new Map<string, Connection>();
  readonly #changed = new vscode.EventEmitter<Connection | undefined>();
  /** One connection has changed; undefined: the list has. */
  readonly onDidChange = this.#changed.event;

  constructor(context: vscode.ExtensionContext, environment: Environment) {
    this.#context = context;
    this.#environment = environment;
  }

  get all(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  find(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  /** The state that most needs attention among all connections. */
  get freshness(): Freshness {
    const order: readonly Freshness[] = ['failed', 'reconnecting', 'connecting', 'stale', 'live', 'offline'];
    const found = new Set(this.all.map(({ freshness }) => freshness));
    return order.find((freshness) => found.has(freshness)) ?? 'offline';
  }

  /** Connects to what was connected when the window was last open. */
  async restore(): Promise<void> {
    for (const spec of this.#remembered) await this.#connectTo(spec);
    const isWanted = vscode.workspace.getConfiguration('coppice.server').get<boolean>('autoStart') ?? true;
    const wasUsed = this.#context.workspaceState.get<boolean>(USED_KEY) === true;
    if (isWanted && wasUsed && vscode.workspace.isTrusted) await this.startWorkspaceServer();
  }

  /** Starts the workspace's server, or finds it running. Throws with what to do where it can not. */
  async startWorkspaceServer(): Promise<Connection> {
    const existing = this.#connections.get(WORKSPACE_ID);
    if (existing !== undefined && existing.freshness !== 'failed' && existing.freshness !== 'offline') return existing;
    const folder = vscode.workspace.workspaceFolders?.[0];
    const { connectToWorkspace } = this.#environment;
    if (!vscode.workspace.isTrusted)
      throw new Error(vscode.l10n.t('Trust the workspace first: its server runs programs.'));
    if (folder === undefined) throw new Error(vscode.l10n.t('Open a folder first: the server keeps its trees there.'));
    if (connectToWorkspace === undefined || folder.uri.scheme !== 'file') {
      throw new Error(vscode.l10n.t('No program can be started here. Connect to a server that runs elsewhere.'));
    }
    const transport = await connectToWorkspace(folder.uri);
    await this.#context.workspaceState.update(USED_KEY, true);
    return this.#add({ id: WORKSPACE_ID, label: folder.name, url: undefined }, transport);
  }

  /** Connects to a server and remembers it. */
  async connect(url: string, token: string | undefined): Promise<Connection> {
    const { host } = new URL(url);
    const spec: ServerSpec = { id: `server-${host.replaceAll(/[^\w.-]/g, '-')}`, label: host, url };
    if (token === undefined) await this.#context.secrets.delete(tokenKey(spec));
    else await this.#context.secrets.store(tokenKey(spec), token);
    const others = this.#remembered.filter(({ id }) => id !== spec.id);
    await this.#context.globalState.update(SERVERS_KEY, [...others, spec]);
    return this.#connectTo(spec);
  }

  /** Ends a connection; it stays remembered. */
  async disconnect(id: string): Promise<void> {
    this.#connections.get(id)?.dispose();
    this.#connections.delete(id);
    if (id === WORKSPACE_ID) await this.#context.workspaceState.update(USED_KEY, false);
    this.#changed.fire(undefined);
  }

  /** Ends a connection, and forgets the server and its token. */
  async forget(spec: ServerSpec): Promise<void> {
    await this.disconnect(spec.id);
    await this.#context.secrets.delete(tokenKey(spec));
    const others = this.#remembered.filter(({ id }) => id !== spec.id);
    await this.#context.globalState.update(SERVERS_KEY, others);
  }

  dispose(): void {
    for (const connection of this.#connections.values()) connection.dispose();
    this.#connections.clear();
    this.#changed.dispose();
  }

  get #remembered(): readonly ServerSpec[] {
    return this.#context.globalState.get<readonly ServerSpec[]>(SERVERS_KEY) ?? [];
  }

  async #connectTo(spec: ServerSpec): Promise<Connection> {
    const token = await this.#context.secrets.get(tokenKey(spec));
    return this.#add(spec, webSocketTransport({ url: spec.url ?? '', token }));
  }

  #add(spec: ServerSpec, transport: Transport): Connection {
    this.#connections.get(spec.id)?.dispose();
    const connection = new Connection(spec, transport);
    this.#connections.set(spec.id, connection);
    connection.onDidChange(() => this.#changed.fire(connection));
    this.#changed.fire(undefined);
    return connection;
  }
}

function tokenKey({ id }: ServerSpec): string {
  return `coppice.token.${id}`;
}
