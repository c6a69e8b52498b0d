/** What is held, over the whole page: since when, by whom, why, and how it ends. Holds concern all runs of the server. */
import type { HoldList } from '@coppice/client';
import type { Hold } from '@coppice/protocol';
import { heldWhat, holdText } from '../model/hold-text.ts';
import { html } from '../view/element.ts';

export class HoldBanner {
  readonly element = html('div', { class: 'holds', role: 'status' });
  readonly #list: HoldList;
  readonly #release: ((hold: Hold) => void) | undefined;
  readonly #stop: () => void;

  /** `release`: undefined where the user may not. */
  constructor(list: HoldList, release: ((hold: Hold) => void) | undefined) {
    this.#list = list;
    this.#release = release;
    this.#stop = list.onChange(() => this.#draw());
    this.#draw();
  }

  dispose(): void {
    this.#stop();
    this.element.remove();
  }

  #draw(): void {
    const { items } = this.#list;
    this.element.hidden = items.length === 0;
    this.element.replaceChildren(...items.map((hold) => this.#row(hold)));
  }

  #row(hold: Hold): HTMLElement {
    const row = html(
      'p',
      { class: 'hold' },
      html('span', { class: 'item-symbol', 'aria-hidden': 'true' }, '‖'),
      html('span', {}, holdText(hold)),
    );
    const release = this.#release;
    if (release === undefined) return row;
    const name = `Release ${heldWhat(hold)}`;
    const button = html('button', { type: 'button', class: 'secondary', 'aria-label': name }, 'Release');
    button.addEventListener('click', () => release(hold));
    row.append(button);
    return row;
  }
}
