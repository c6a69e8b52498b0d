/** Shows what an action on many trees would do, and does exactly that when a person agrees. */
import type { Client } from '@coppice/client';
import type { BulkAction } from '@coppice/protocol';
import { doBulk, doneText, itemText, previewBulk, previewText } from '../model/bulk.ts';
import type { BulkItem, BulkPreview, BulkTarget } from '../model/bulk.ts';
import { oneLine, STATUS_SYMBOLS } from '../model/status-look.ts';
import { html, setText } from '../view/element.ts';
import { showDialog } from './dialog.ts';

export interface BulkDialogOptions {
  readonly client: Client;
  readonly action: BulkAction;
  readonly target: BulkTarget;
  /** What was done, in words. */
  readonly told: (text: string) => void;
}

const TITLES: Readonly<Record<BulkAction, string>> = {
  cancel: 'Cancel many trees',
  retry: 'Retry many trees',
  archive: 'Archive many trees',
  delete: 'Delete many trees',
};
const VERBS: Readonly<Record<BulkAction, string>> = {
  cancel: 'Cancel',
  retry: 'Retry',
  archive: 'Archive',
  delete: 'Delete',
};

/** Rejects when the server can not say what would happen. */
export async function showBulk(parent: HTMLElement, options: BulkDialogOptions): Promise<void> {
  const { client, action, target } = options;
  const preview = await previewBulk(client, action, { target });
  const accepted = preview.items.filter(({ ok }) => ok).map(({ treeId }) => treeId);
  const far = html('p', { class: 'facts', role: 'status' });
  let isStopped = false;
  const act = async (): Promise<void> => {
    const done: BulkItem[] = [];
    for await (const items of doBulk(client, action, accepted)) {
      done.push(...items);
      setText(far, `${done.length} of ${accepted.length} …`);
      if (isStopped) break;
    }
    options.told(doneText(action, done));
  };
  const count = accepted.length === 1 ? '1 tree' : `${accepted.length} trees`;
  const isNothing = accepted.length === 0;
  showDialog(parent, {
    title: TITLES[action],
    body: [html('p', {}, previewText(preview)), ...(preview.items.length === 0 ? [] : [listOf(preview)]), far],
    accept: isNothing ? undefined : `${VERBS[action]} ${count}`,
    dismiss: isNothing ? 'Close' : 'Do nothing',
    isDangerous: action === 'delete',
    act,
    cancelled: () => (isStopped = true),
  });
}

function listOf({ items }: BulkPreview): HTMLElement {
  const rows = items.map((item) =>
    html(
      'li',
      { class: `status-${item.status}${item.ok ? '' : ' is-refused'}` },
      html('span', { class: 'item-symbol', 'aria-hidden': 'true' }, STATUS_SYMBOLS[item.status]),
      html('span', { class: 'item-name' }, oneLine(item.name)),
      html('span', { class: 'item-facts' }, `${item.status} · ${oneLine(itemText(item))}`),
    ),
  );
  return html('ul', { class: 'bulk-items', tabindex: 0, 'aria-label': 'What would happen' }, ...rows);
}
