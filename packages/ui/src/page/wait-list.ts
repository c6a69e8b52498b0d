/** What waits for an answer in all trees: a button with the number, and below it the list that leads to the tasks. */
import type { OpenWait } from '@coppice/protocol';
import { oneLine } from '../model/status-look.ts';
import { WaitInbox, waitFactsText } from '../model/wait-inbox.ts';
import type { WaitInboxOptions } from '../model/wait-inbox.ts';
import { html, setAttributes, setText } from '../view/element.ts';

export interface WaitListOptions extends WaitInboxOptions {
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
  readonly #inbox: WaitInbox;

  constructor(options: WaitListOptions) {
    this.#options = options;
    this.#inbox = new WaitInbox(options);
    this.#inbox.onChange(() => this.#draw());
    this.element.append(this.#button, this.#items);
    this.#button.addEventListener('click', () => this.#toggle(this.#items.hidden === true));
    this.element.addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape' || this.#items.hidden) return;
      this.#toggle(false);
      this.#button.focus();
    });
    this.#toggle(false);
    this.#draw();
  }

  dispose(): void {
    this.#inbox.dispose();
  }

  #draw(): void {
    const { items, total } = this.#inbox;
    setText(this.#button, `${total} waiting`);
    this.#button.hidden = total === 0;
    const hadFocus = this.#items.contains(document.activeElement);
    const focusedId = document.activeElement?.getAttribute('data-wait');
    const more = total - items.length;
    this.#items.replaceChildren(
      ...items.map((wait) => this.#item(wait)),
      ...(more > 0 ? [html('li', { class: 'facts' }, `${more} more, newer ones`)] : []),
    );
    if (total === 0) this.#toggle(false);
    if (!hadFocus) return;
    const same = this.#items.querySelector<HTMLElement>(`[data-wait="${CSS.escape(focusedId ?? '')}"]`);
    (same ?? this.#button).focus();
  }

  #item(wait: OpenWait): HTMLElement {
    const { treeId, taskId, title } = wait;
    const button = html(
      'button',
      { type: 'button', class: 'wait-item', 'data-wait': taskId },
      html('span', { class: 'item-name' }, oneLine(title)),
      html('span', { class: 'item-facts' }, waitFactsText(wait)),
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
