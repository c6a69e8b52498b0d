/** The page itself: trees at the left, a run in the middle as graph, timeline or log, the selected task at the right. */
import { alertText, HoldList, TreeStore } from '@coppice/client';
import type { Client, Freshness, TaskView } from '@coppice/client';
import type { Action } from '../view-channel.ts';
import { RUN_FILE_SUFFIX } from '@coppice/protocol';
import type { Result } from '@coppice/protocol';
import { readRunFile, savedSession } from '../model/run-file.ts';
import { RunSession } from '../model/run-session.ts';
import { serverAnswers } from '../model/server-answers.ts';
import { html, iconButton, setAttributes, setText } from '../view/element.ts';
import { Actions } from './actions.ts';
import { DetailsPane } from './details-pane.ts';
import { HoldBanner } from './hold-banner.ts';
import { RunPane } from './run-pane.ts';
import { TreeList } from './tree-list.ts';
import { WaitList } from './wait-list.ts';

const FRESHNESS: Readonly<Record<Freshness, string>> = {
  live: '● live',
  stale: '◌ updating …',
  connecting: '◌ connecting …',
  reconnecting: '◌ connection lost, trying again …',
  offline: '○ offline',
  failed: '○ no connection: reload the page',
};

/** What views offer on this page. */
const VIEW_ACTIONS: readonly Action[] = [
  'execute',
  'pause',
  'resume',
  'cancel',
  'complete',
  'skip',
  'retry',
  'copy',
  'delete',
  'answer',
  'openLog',
  'save',
];

export interface AppOptions {
  readonly client: Client;
  readonly role: Result<'system.info'>['role'];
  /** Forgets the token. */
  readonly leave: () => void;
}

export class App {
  readonly #store: TreeStore;
  readonly #root: HTMLElement;
  readonly #freshness = html('span', { class: 'freshness', role: 'status' });
  readonly #list: TreeList;
  readonly #run: RunPane;
  readonly #client: Client;
  readonly #details = new DetailsPane();
  readonly #actions: Actions;
  readonly #waits: WaitList;
  readonly #holds: HoldList;
  readonly #banner: HoldBanner;
  readonly #file = html('input', {
    type: 'file',
    id: 'run-file',
    accept: RUN_FILE_SUFFIX.slice(RUN_FILE_SUFFIX.lastIndexOf('.')),
    hidden: '',
  });
  #session: RunSession | undefined;
  #opening = 0;
  /** The task to select in the tree that is opened next. */
  #wanted: { readonly treeId: string; readonly taskId: string } | undefined;

  constructor(parent: HTMLElement, { client, role, leave }: AppOptions) {
    this.#client = client;
    this.#run = new RunPane((range) => client.followLogs(range));
    const isAdmin = role === 'admin';
    this.#store = new TreeStore({ client });
    this.#actions = new Actions({ client, show: (treeId) => this.#show(treeId) });
    this.#list = new TreeList({
      store: this.#store,
      open: (treeId) => this.#show(treeId),
      bulk: (action, target) => this.#actions.bulk(action, target),
    });
    this.#waits = new WaitList({
      client,
      store: this.#store,
      open: (treeId, taskId) => this.#show(treeId, taskId),
    });
    this.#holds = new HoldList({ client, store: this.#store });
    this.#banner = new HoldBanner(this.#holds, isAdmin ? (hold) => this.#actions.release(hold) : undefined);
    const header = html(
      'header',
      { class: 'page-header' },
      html('h1', {}, 'Coppice'),
      this.#freshness,
      html('span', { class: 'spacer' }),
      this.#waits.element,
      iconButton('Limits: what may run at once, and what waits', 'Limits', () => this.#actions.limits(isAdmin)),
      ...(isAdmin ? [iconButton('Hold: for maintenance', 'Hold …', () => this.#actions.hold())] : []),
      iconButton('Open a saved run', 'Open file', () => this.#file.click()),
      iconButton('New tree', '+ New tree', () => this.#actions.startNew()),
      iconButton('Leave: forget the token', 'Leave', leave),
    );
    this.#root = html(
      'div',
      { class: 'app' },
      header,
      this.#banner.element,
      this.#list.element,
      this.#run.element,
      this.#details.element,
      this.#actions.element,
      this.#file,
    );
    this.#file.addEventListener('change', () => void this.#openFile());
    parent.append(this.#root);
    client.onNotification((notification) => {
      if (notification.method === 'limits.alert') this.#actions.note(alertText(notification.params.alert));
    });
    this.#store.onFreshness((freshness) => this.#showFreshness(freshness));
    this.#showFreshness(this.#store.freshness);
    window.addEventListener('hashchange', this.#followHash);
    this.#followHash();
  }

  dispose(): void {
    window.removeEventListener('hashchange', this.#followHash);
    this.#close();
    this.#list.dispose();
    this.#waits.dispose();
    this.#banner.dispose();
    this.#holds.dispose();
    this.#details.clear();
    this.#store.dispose();
    this.#root.remove();
  }

  /** The address names the tree, so that it can be bookmarked and reloaded. */
  readonly #followHash = (): void => {
    const treeId = decodeURIComponent(location.hash.slice(1));
    if (treeId !== '' && treeId !== this.#session?.treeId) void this.#open(treeId);
  };

  /** `taskId`: what is selected in it; default what was, or the tree itself. */
  #show(treeId: string, taskId?: string): void {
    this.#wanted = taskId === undefined ? undefined : { treeId, taskId };
    if (taskId !== undefined && treeId === this.#session?.treeId) this.#session.select(taskId);
    const hash = `#${encodeURIComponent(treeId)}`;
    if (location.hash === hash) void this.#open(treeId);
    else location.hash = hash;
  }

  async #open(treeId: string): Promise<void> {
    if (treeId === this.#session?.treeId) return;
    this.#opening += 1;
    const mine = this.#opening;
    try {
      const open = await this.#store.open(treeId);
      if (mine !== this.#opening) {
        open.close();
        return;
      }
      this.#close();
      const session = new RunSession({
        store: this.#store,
        open,
        actions: VIEW_ACTIONS,
        holds: this.#holds,
        ...serverAnswers(this.#client),
      });
      this.#session = session;
      session.listen({ acted: (action, taskId) => this.#act(action, session.shown.tasks.get(taskId)) });
      this.#run.show(session);
      this.#details.show(session);
      session.select(this.#wanted?.treeId === treeId ? this.#wanted.taskId : treeId);
      this.#wanted = undefined;
    } catch (error) {
      this.#actions.report(error);
    }
    this.#list.mark(treeId);
  }

  /** Shows a saved run, whether or not the server knows it. */
  async #openFile(): Promise<void> {
    const file = this.#file.files?.[0];
    this.#file.value = '';
    if (file === undefined) return;
    this.#opening += 1;
    const mine = this.#opening;
    try {
      const session = savedSession(await readRunFile(await file.bytes()));
      if (mine !== this.#opening) return session.dispose();
      this.#close();
      // The address names no tree of the server any more.
      history.pushState(null, '', location.pathname);
      this.#session = session;
      this.#run.show(session);
      this.#details.show(session);
      session.select(session.treeId);
      this.#list.mark('');
    } catch (error) {
      this.#actions.report(error);
    }
  }

  #act(action: Action, task: TaskView | undefined): void {
    if (task === undefined) return;
    const actions = this.#actions;
    const acts: Partial<Record<Action, () => void>> = {
      execute: () => actions.execute(task.id),
      pause: () => actions.pause(task.id),
      resume: () => actions.resume(task.id),
      cancel: () => actions.cancel(task.id),
      complete: () => actions.complete(task),
      skip: () => actions.skip(task),
      retry: () => actions.retry(task),
      copy: () => actions.copy(task.id),
      delete: () => actions.delete(task),
      openLog: () => this.#run.showLog(),
      save: () => actions.save(task),
    };
    acts[action]?.();
  }

  #close(): void {
    this.#run.clear();
    this.#details.clear();
    this.#session?.dispose();
    this.#session = undefined;
  }

  #showFreshness(freshness: Freshness): void {
    setText(this.#freshness, FRESHNESS[freshness]);
    setAttributes(this.#freshness, { class: `freshness is-${freshness}`, title: this.#store.problem });
  }
}
