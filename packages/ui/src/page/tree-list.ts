/** The trees of the server, newest first, with a filter. */
import { durationText, isRunUnderWay, relativeText, runPercent } from '@coppice/client';
import type { TreeStore, TreeSummary } from '@coppice/client';
import { oneLine, STATUS_SYMBOLS } from '../model/status-look.ts';
import { treesMatching } from '../model/tree-filter.ts';
import type { TreeFilter } from '../model/tree-filter.ts';
import { html, setAttributes } from '../view/element.ts';
import { BulkBar } from './bulk-bar.ts';
import type { BulkBarEvents } from './bulk-bar.ts';

const DRAW_MS = 100;
/** Times are shown in seconds. */
const TICK_MS = 1000;

export interface TreeListOptions {
  readonly store: TreeStore;
  readonly open: (treeId: string) => void;
  /** Wants to see what an action on many trees would do. */
  readonly bulk: BulkBarEvents['act'];
}

export class TreeList {
  readonly element: HTMLElement;
  readonly #store: TreeStore;
  readonly #open: (treeId: string) => void;
  readonly #bulk: BulkBar;
  readonly #search = html('input', { type: 'search', placeholder: 'Find a tree', 'aria-label': 'Find a tree' });
  readonly #status = html(
    'select',
    { 'aria-label': 'Status' },
    html('option', { value: '' }, 'all'),
    ...['running', 'pausing', 'paused', 'failed', 'completed', 'cancelled', 'created'].map((status) =>
      html('option', { value: status }, status),
    ),
  );
  readonly #items = html('ul', { class: 'tree-items' });
  readonly #more = html('button', { type: 'button', class: 'link' }, 'Older trees …');
  readonly #empty = html('p', { class: 'empty' });
  readonly #stop: () => void;
  readonly #ticking: ReturnType<typeof setInterval>;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #markedId: string | undefined;

  constructor({ store, open, bulk }: TreeListOptions) {
    this.#store = store;
    this.#open = open;
    this.#bulk = new BulkBar({ changed: () => this.#draw(), act: bulk, filter: () => this.#filter });
    const filter = html('div', { class: 'toolbar' }, this.#search, this.#status, this.#bulk.button);
    this.element = html(
      'nav',
      { class: 'tree-list', 'aria-label': 'Trees' },
      filter,
      this.#bulk.element,
      this.#empty,
      this.#items,
      this.#more,
    );
    this.#search.addEventListener('input', () => this.#draw());
    this.#status.addEventListener('change', () => this.#draw());
    this.#more.addEventListener('click', () => void store.loadMore());
    this.#stop = store.onTrees(() => (this.#drawing ??= setTimeout(() => this.#draw(), DRAW_MS)));
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#draw();
  }

  mark(treeId: string): void {
    this.#markedId = treeId;
    this.#draw();
  }

  dispose(): void {
    this.#stop();
    clearTimeout(this.#drawing);
    clearInterval(this.#ticking);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const shown = treesMatching(this.#store.trees, this.#filter);
    const focused = document.activeElement;
    const name = focused?.hasAttribute('data-mark') === true ? 'data-mark' : 'data-tree';
    const focusedId = focused?.getAttribute(name);
    this.#bulk.keepOnly((treeId) => this.#store.find(treeId) !== undefined);
    this.#items.replaceChildren(...shown.map((tree) => this.#item(tree)));
    this.#more.hidden = !this.#store.hasMore;
    this.#empty.hidden = shown.length > 0;
    this.#empty.textContent = this.#store.trees.length === 0 ? 'There is no tree yet.' : 'No tree matches.';
    if (focusedId === null || focusedId === undefined) return;
    this.#items.querySelector<HTMLElement>(`[${name}="${CSS.escape(focusedId)}"]`)?.focus();
  }

  get #filter(): TreeFilter {
    return { text: this.#search.value, statuses: new Set(this.#status.value === '' ? [] : [this.#status.value]) };
  }

  #item(tree: TreeSummary): HTMLElement {
    const { treeId, name, status } = tree;
    const button = html(
      'button',
      { type: 'button', class: 'tree-item', 'data-tree': treeId, title: treeId },
      html('span', { class: `item-symbol status-${status}`, 'aria-hidden': 'true' }, STATUS_SYMBOLS[status]),
      html('span', { class: 'item-name' }, oneLine(name)),
      html('span', { class: 'item-facts' }, factsOf(tree)),
    );
    setAttributes(button, { 'aria-current': treeId === this.#markedId ? 'true' : undefined });
    button.addEventListener('click', () => this.#open(treeId));
    const box = this.#bulk.boxFor(treeId, name);
    return html('li', {}, ...(box === undefined ? [] : [box]), button);
  }

  #tick(): void {
    if (document.hidden) return;
    for (const facts of this.#items.querySelectorAll('.item-facts')) {
      const treeId = facts.parentElement?.getAttribute('data-tree');
      const tree = treeId === null || treeId === undefined ? undefined : this.#store.find(treeId);
      if (tree !== undefined) facts.textContent = factsOf(tree);
    }
  }
}

function factsOf({ status, startedAtMs, endedAtMs, progress, originalTaskId }: TreeSummary): string {
  const now = Date.now();
  const parts: string[] = [status];
  if (isRunUnderWay(status) && progress !== undefined) parts.push(`${runPercent(progress)} %`);
  if (startedAtMs !== undefined) parts.push(durationText((endedAtMs ?? now) - startedAtMs));
  if (endedAtMs !== undefined) parts.push(relativeText(new Date(endedAtMs).toISOString(), now));
  if (originalTaskId !== undefined) parts.push('copy');
  return parts.join(' · ');
}
