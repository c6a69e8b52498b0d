/**
 * What waits for an answer in all trees: a button with the number, and below it the list that leads to the tasks.
 *
 * It is asked of the server anew when an event can have changed it, and when the connection is there again. The server alone knows who
 * may answer.
 */
import type { Client, TreeStore } from '@coppice/client';
import type { Notification, OpenWait } from '@coppice/protocol';
import { oneLine } from '../model/status-look.ts';
import { html, setAttributes, setText } from '../view/element.ts';

const ASK_MS = 200;
const LIST_MAX = 100;
/** Events of a task or run that listed waits may end with. */
const ENDS = new Set(['SignalReceived', 'TaskCancelled', 'TaskFailed', 'TaskCompleted', 'TaskSkipped', 'TasksDeleted']);

export interface WaitListOptions {
  readonly client: Client;
  readonly store: TreeStore;
  readonly open: (treeId: string, taskId: string) => void;
}

export class WaitList {
  readonly element = html('div', { class: 'waits' });
  readonly #options: WaitListOptions;
  readonly #button = html('button', {
    type: 'button',
    class: 'icon-button waits-button',
    'aria-expanded': 'false',
    'aria-controls': 'waits-items',
  });
  readonly #items = html('ul', { class: 'waits-items', id: 'waits-items', 'aria-label': 'What waits for an answer' });
  readonly #ignore: readonly (() => void)[];
  #listed: readonly OpenWait[] = [];
  #asking: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  constructor(options: WaitListOptions) {
    this.#options = options;
    const { client, store } = options;
    this.element.append(this.#button, this.#items);
    this.#button.addEventListener('click', () => this.#toggle(this.#items.hidden === true));
    this.element.addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape' || this.#items.hidden) return;
      this.#toggle(false);
      this.#button.focus();
    });
    this.#toggle(false);
    this.#draw(0);
    this.#ignore = [
      client.onNotification((notification) => {
        if (this.#canChange(notification)) this.#askSoon();
      }),
      store.onFreshness((freshness) => {
        if (freshness === 'live') this.#askSoon();
      }),
    ];
    this.#askSoon();
  }

  dispose(): void {
    this.#round += 1;
    clearTimeout(this.#asking);
    for (const ignore of this.#ignore) ignore();
  }

  #canChange(notification: Notification): boolean {
    if (notification.method === 'tasks.deleted') return true;
    if (notification.method !== 'tasks.event') return false;
    const { type, treeId } = notification.params.event;
    if (type === 'WaitStarted' || type === 'SignalReceived') return true;
    return (ENDS.has(type) || type.startsWith('Run')) && this.#listed.some((wait) => wait.treeId === treeId);
  }

  #askSoon(): void {
    this.#asking ??= setTimeout(() => {
      this.#asking = undefined;
      void this.#ask();
    }, ASK_MS);
  }

  /** A server that is gone is told elsewhere; the list is asked for again when it is back. */
  async #ask(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const page = await this.#options.client.waits.list({ limit: LIST_MAX }).catch(() => undefined);
    if (page === undefined || round !== this.#round) return;
    this.#listed = page.items;
    this.#draw(page.total);
  }

  #draw(total: number): void {
    setText(this.#button, `${total} waiting`);
    this.#button.hidden = total === 0;
    const hadFocus = this.#items.contains(document.activeElement);
    const focusedId = document.activeElement?.getAttribute('data-wait');
    const more = total - this.#listed.length;
    this.#items.replaceChildren(
      ...this.#listed.map((wait) => this.#item(wait)),
      ...(more > 0 ? [html('li', { class: 'facts' }, `${more} more, newer ones`)] : []),
    );
    if (total === 0) this.#toggle(false);
    if (!hadFocus) return;
    const same = this.#items.querySelector<HTMLElement>(`[data-wait="${CSS.escape(focusedId ?? '')}"]`);
    (same ?? this.#button).focus();
  }

  #item({ treeId, taskId, treeName, title, kind, mayAnswer }: OpenWait): HTMLElement {
    const what = kind === 'approval' ? 'approval' : 'signal';
    const button = html(
      'button',
      { type: 'button', class: 'wait-item', 'data-wait': taskId },
      html('span', { class: 'item-name' }, oneLine(title)),
      html(
        'span',
        { class: 'item-facts' },
        `${what} · ${oneLine(treeName)}${mayAnswer ? '' : ' · not for you to answer'}`,
      ),
    );
    button.addEventListener('click', () => {
      this.#toggle(false);
      this.#button.focus();
      this.#options.open(treeId, taskId);
    });
    return html('li', {}, button);
  }

  #toggle(isOpen: boolean): void {
    this.#items.hidden = !isOpen;
    setAttributes(this.#button, { 'aria-expanded': String(isOpen) });
  }
}
