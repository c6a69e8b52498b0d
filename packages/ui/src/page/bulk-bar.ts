/** Marks trees of the list, and offers what can be done with all of them: those that are marked, or all that the filter matches. */
import type { BulkAction } from '@coppice/protocol';
import type { BulkTarget } from '../model/bulk.ts';
import type { TreeFilter } from '../model/tree-filter.ts';
import { oneLine } from '../model/status-look.ts';
import { html, setAttributes, setText } from '../view/element.ts';

export interface BulkBarEvents {
  /** What is marked, or whether anything can be, has changed: the list looks different. */
  changed(): void;
  /** Wants to see what the action would do. */
  act(action: BulkAction, target: BulkTarget): void;
  filter(): TreeFilter;
}

const ACTIONS: readonly (readonly [action: BulkAction, name: string])[] = [
  ['cancel', 'Cancel …'],
  ['retry', 'Retry …'],
  ['archive', 'Archive …'],
  ['delete', 'Delete …'],
];

export class BulkBar {
  readonly element = html('div', { class: 'bulk-bar', role: 'group', 'aria-label': 'Many trees' });
  /** Shows and hides the bar. */
  readonly button = html('button', { type: 'button', class: 'icon-button', 'aria-pressed': 'false' }, 'Select');
  readonly #events: BulkBarEvents;
  readonly #all = html('input', { type: 'checkbox', id: 'bulk-all' });
  readonly #count = html('span', { class: 'bulk-count', role: 'status' });
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #marked = new Set<string>();

  constructor(events: BulkBarEvents) {
    this.#events = events;
    this.element.hidden = true;
    this.#buttons = ACTIONS.map(([action, name]) => {
      const button = html('button', { type: 'button', class: 'secondary' }, name);
      button.addEventListener('click', () => events.act(action, this.#target));
      return button;
    });
    const label = html('label', { for: 'bulk-all', title: 'Older ones too' }, 'All that match');
    this.element.append(
      html('div', { class: 'bulk-choice' }, this.#all, label, this.#count),
      html('div', { class: 'buttons' }, ...this.#buttons),
    );
    this.button.addEventListener('click', () => this.#toggle(this.element.hidden === true));
    this.#all.addEventListener('change', () => this.#draw());
  }

  /** The box that marks a tree; undefined while nothing can be marked. */
  boxFor(treeId: string, name: string): HTMLInputElement | undefined {
    if (this.element.hidden) return undefined;
    const box = html('input', { type: 'checkbox', class: 'mark', 'aria-label': `Select ${oneLine(name)}` });
    box.checked = this.#all.checked || this.#marked.has(treeId);
    box.disabled = this.#all.checked;
    box.setAttribute('data-mark', treeId);
    box.addEventListener('change', () => {
      if (box.checked) this.#marked.add(treeId);
      else this.#marked.delete(treeId);
      this.#drawBar();
    });
    return box;
  }

  /** Trees that are gone are marked no more. */
  keepOnly(isThere: (treeId: string) => boolean): void {
    for (const treeId of this.#marked) if (!isThere(treeId)) this.#marked.delete(treeId);
    this.#drawBar();
  }

  get #target(): BulkTarget {
    if (!this.#all.checked) return { treeIds: [...this.#marked] };
    const { text, statuses } = this.#events.filter();
    return { text, statuses };
  }

  #toggle(isShown: boolean): void {
    this.element.hidden = !isShown;
    setAttributes(this.button, { 'aria-pressed': String(isShown) });
    this.#marked.clear();
    this.#all.checked = false;
    this.#draw();
  }

  #draw(): void {
    this.#drawBar();
    this.#events.changed();
  }

  #drawBar(): void {
    setText(this.#count, this.#all.checked ? '' : `${this.#marked.size} selected`);
    for (const button of this.#buttons) button.disabled = !this.#all.checked && this.#marked.size === 0;
  }
}
