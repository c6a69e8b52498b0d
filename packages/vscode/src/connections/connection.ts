/** One server that the editor is connected to: its trees, its log channel, and what it can do. */
import { alertText, createClient, HoldList, TreeStore } from '@coppice/client';
import type { Client, Freshness, Transport } from '@coppice/client';
import { serverAnswers } from '@coppice/ui';
import type { Action, WaitAnswer } from '@coppice/ui';
import * as vscode from 'vscode';
import { inLabel } from '../plain-text.ts';
import { logLine } from './log-line.ts';
import { Sessions } from './session-hold.ts';

/** How long the status bar shows a warning, ms. */
const WARNING_MS = 15_000;

/** What is remembered of a server; its token is kept as a secret. */
export interface ServerSpec {
  readonly id: string;
  readonly label: string;
  /** undefined: the server of the workspace itself. */
  readonly url: string | undefined;
}

const VIEW_ACTIONS: readonly Action[] = [
  'openDetails',
  'execute',
  'pause',
  'resume',
  'cancel',
  'complete',
  'skip',
  'retry',
  'copy',
  'delete',
  'openOutput',
  'openInput',
  'openAttempts',
  'openError',
  'openLog',
  'answer',
];

export class Connection implements vscode.Disposable {
  readonly spec: ServerSpec;
  readonly client: Client;
  /** The same server for tools of a language model: what these change is noted as done by an agent. */
  readonly agent: Client;
  readonly store: TreeStore;
  /** What is held on the server. */
  readonly holds: HoldList;
  readonly sessions: Sessions;
  readonly log: vscode.LogOutputChannel;
  readonly #transport: Transport;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Its freshness or what it offers has changed. */
  readonly onDidChange = this.#changed.event;
  readonly #ignore: readonly (() => void)[];
  #methods: ReadonlySet<string> = new Set();
  #userId: string | undefined;

  constructor(spec: ServerSpec, transport: Transport) {
    this.spec = spec;
    this.#transport = transport;
    this.log = vscode.window.createOutputChannel(`Coppice: ${spec.label}`, { log: true });
    this.client = createClient({ transport, face: 'editor' });
    this.agent = this.client.as('agent');
    this.store = new TreeStore({ client: this.client });
    this.holds = new HoldList({ client: this.client, store: this.store });
    const answers = serverAnswers(this.client);
    const answer = async (taskId: string, given: WaitAnswer): Promise<void> => {
      if (!vscode.workspace.isTrusted)
        throw new Error('Trust this workspace to answer: until then nothing is changed.');
      await answers.answer(taskId, given);
    };
    const { store, holds } = this;
    this.sessions = new Sessions({ store, holds, actions: VIEW_ACTIONS, ...answers, answer });
    this.#ignore = [
      this.store.onFreshness((freshness) => this.#note(freshness)),
      this.client.onNotification(({ method, params }) => {
        if (method === 'tasks.event') logLine(this.log, params.event);
        if (method === 'limits.alert') this.#warn(alertText(params.alert));
      }),
    ];
    this.#note(this.store.freshness);
  }

  get freshness(): Freshness {
    return this.store.freshness;
  }

  /** Why it is not live, for people. */
  get problem(): string | undefined {
    return this.#transport.problem ?? this.store.problem;
  }

  /** The user that the server takes the connection for; undefined until it has answered. */
  get userId(): string | undefined {
    return this.#userId;
  }

  /** True: the server has the method. What it does not have is not offered. */
  offers(method: string): boolean {
    return this.#methods.has(method);
  }

  #warn(text: string): void {
    this.log.warn(text);
    vscode.window.setStatusBarMessage(`$(warning) ${inLabel(text)}`, WARNING_MS);
  }

  dispose(): void {
    for (const ignore of this.#ignore) ignore();
    this.sessions.dispose();
    this.holds.dispose();
    this.store.dispose();
    void this.client.close();
    this.log.dispose();
    this.#changed.dispose();
  }

  #note(freshness: Freshness): void {
    const problem = this.problem;
    const text = `${freshness}${problem === undefined || freshness === 'live' ? '' : `: ${problem}`}`;
    if (freshness === 'failed') this.log.error(text);
    else this.log.info(text);
    if (freshness === 'live') void this.#discover();
    this.#changed.fire();
  }

  async #discover(): Promise<void> {
    try {
      const [document, { userId }] = await Promise.all([this.client.rpc.discover(), this.client.system.info()]);
      const { methods } = document as { readonly methods?: readonly { readonly name: string }[] };
      this.#methods = new Set(methods?.map(({ name }) => name));
      this.#userId = userId;
      this.#changed.fire();
    } catch (error) {
      this.log.warn(`rpc.discover: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
