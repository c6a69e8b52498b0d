/** One action on many trees: what it would do is a list to choose from, and exactly what is chosen is done. */
import type { BulkAction } from '@coppice/protocol';
import { doBulk, doneText, itemText, oneLine, previewBulk, previewText, STATUS_SYMBOLS } from '@coppice/ui';
import type { BulkItem, BulkTarget } from '@coppice/ui';
import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import type { ExplorerFilter } from '../explorer/filter.ts';
import type { WorkNode } from '../explorer/nodes.ts';
import { inLabel } from '../plain-text.ts';
import { confirmDelete } from './confirm-delete.ts';
import { requireTrust } from './definition-commands.ts';
import { pickMany, pickOne } from '../questions.ts';

interface BulkWork {
  readonly connection: Connection;
  readonly action: BulkAction;
  readonly target: BulkTarget;
}

/** The trees, when several rows are meant and all of them are trees of one server. */
export function manyTrees(
  nodes: readonly WorkNode[],
): { readonly connection: Connection; readonly treeIds: readonly string[] } | undefined {
  const [first] = nodes;
  if (first === undefined || nodes.length < 2) return undefined;
  const { connection } = first;
  const isAlike = nodes.every((node) => node.kind === 'tree' && node.connection === connection);
  return isAlike ? { connection, treeIds: nodes.map(({ treeId }) => treeId) } : undefined;
}

/** Shows what would happen, and does it to what the person leaves chosen. */
export async function actOnMany({ connection, action, target }: BulkWork): Promise<void> {
  if (action === 'retry') requireTrust();
  const preview = await previewBulk(connection.client, action, { target });
  const text = previewText(preview);
  const possible = preview.items.filter(({ ok }) => ok);
  if (possible.length === 0) {
    void vscode.window.showInformationMessage(text);
    return;
  }
  const chosen = await pickMany(preview.items.map(pickOf), {
    title: text,
    placeHolder: ASKS[action](),
    matchOnDetail: true,
  });
  const treeIds = chosen?.filter(({ item }) => item.ok).map(({ item }) => item.treeId) ?? [];
  if (treeIds.length === 0 || !(action !== 'delete' || (await isSure(treeIds.length)))) return;
  const done = await withProgress({ connection, action }, treeIds);
  void vscode.window.showInformationMessage(doneText(action, done));
}

async function withProgress(
  { connection, action }: Omit<BulkWork, 'target'>,
  treeIds: readonly string[],
): Promise<readonly BulkItem[]> {
  const options = { location: vscode.ProgressLocation.Notification, title: NAMES[action](), cancellable: true };
  return vscode.window.withProgress(options, async (progress, stop) => {
    const done: BulkItem[] = [];
    for await (const items of doBulk(connection.client, action, treeIds)) {
      done.push(...items);
      const message = vscode.l10n.t('{0} of {1}', done.length, treeIds.length);
      progress.report({ message, increment: (items.length / treeIds.length) * 100 });
      if (stop.isCancellationRequested) break;
    }
    return done;
  });
}

function pickOf(item: BulkItem): vscode.QuickPickItem & { readonly item: BulkItem } {
  return {
    label: inLabel(`${STATUS_SYMBOLS[item.status]} ${oneLine(item.name)}`),
    description: inLabel(`${item.status} · ${oneLine(itemText(item))}`),
    detail: inLabel(item.treeId),
    picked: item.ok,
    item,
  };
}

const NAMES: Readonly<Record<BulkAction, () => string>> = {
  cancel: () => vscode.l10n.t('Cancel'),
  retry: () => vscode.l10n.t('Retry'),
  archive: () => vscode.l10n.t('Archive'),
  delete: () => vscode.l10n.t('Delete'),
};

const ASKS: Readonly<Record<BulkAction, () => string>> = {
  cancel: () => vscode.l10n.t('OK cancels the chosen trees.'),
  retry: () => vscode.l10n.t('OK retries the chosen trees.'),
  archive: () => vscode.l10n.t('OK moves the chosen trees into the archive of the server.'),
  delete: () => vscode.l10n.t('OK deletes the chosen trees with all their results.'),
};

export async function pickAction(): Promise<BulkAction | undefined> {
  const items = (['cancel', 'retry', 'archive', 'delete'] as const).map((action) => ({
    label: NAMES[action](),
    action,
  }));
  const chosen = await pickOne(items, { placeHolder: vscode.l10n.t('What is to be done?') });
  return chosen?.action;
}

export async function pickTarget(filter: ExplorerFilter, marked: readonly string[]): Promise<BulkTarget | undefined> {
  const { text, statuses } = filter;
  const named = [text === '' ? '' : `“${text}”`, ...statuses].filter((part) => part !== '').join(', ');
  const all = named === '' ? vscode.l10n.t('All trees') : vscode.l10n.t('All that match the filter: {0}', named);
  const items: (vscode.QuickPickItem & { readonly target: BulkTarget })[] = [
    { label: inLabel(all), description: vscode.l10n.t('older ones too'), target: { text, statuses } },
  ];
  if (marked.length > 0)
    items.unshift({ label: vscode.l10n.t('The {0} selected trees', marked.length), target: { treeIds: marked } });
  return (await pickOne(items, { placeHolder: vscode.l10n.t('Which trees?') }))?.target;
}

function isSure(count: number): Promise<boolean> {
  return confirmDelete(
    count === 1
      ? vscode.l10n.t('Delete 1 tree with all its results?')
      : vscode.l10n.t('Delete {0} trees with all their results?', count),
  );
}
