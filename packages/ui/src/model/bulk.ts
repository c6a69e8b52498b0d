/**
 * One action on many trees: first what it would do, then exactly that. What is done names the trees that were shown before: one that has
 * come meanwhile is not among them, whatever filter it would match.
 */
import type { Client } from '@coppice/client';
import type { BulkAction, Params, Result, RunStatus } from '@coppice/protocol';

type ServerFilter = Params<'tasks.bulk'>['filter'];
export type BulkItem = Result<'tasks.bulk'>['items'][number];

/** The trees in question: those that a person has marked, or all that the filter of a list matches, loaded or not. */
export type BulkTarget =
  { readonly treeIds: readonly string[] } | { readonly text: string; readonly statuses: ReadonlySet<string> };

export interface BulkPreview {
  readonly action: BulkAction;
  /** Newest first. */
  readonly items: readonly BulkItem[];
  /** Marked trees that the action is not meant for: to cancel what has ended. */
  readonly leftOut: number;
  /** True: more trees match than are shown, and done, at once. */
  readonly hasMore: boolean;
}

/** Trees of one preview. */
const PREVIEW_MAX = 1000;
/** Trees of one request: few enough that progress is seen. */
const PAGE = 50;

/** The runs that an action is meant for. */
export const MEANT_FOR = {
  cancel: ['created', 'running', 'pausing', 'paused'],
  retry: ['failed', 'cancelled'],
  archive: ['completed', 'failed', 'cancelled'],
  delete: ['completed', 'failed', 'cancelled'],
} as const satisfies Readonly<Record<BulkAction, readonly RunStatus[]>>;

/** Asks what the action would do. `signal` stops asking. */
export async function previewBulk(
  client: Client,
  action: BulkAction,
  { target, signal }: { readonly target: BulkTarget; readonly signal?: AbortSignal },
): Promise<BulkPreview> {
  const filter = serverFilter(action, target);
  const items: BulkItem[] = [];
  let cursor: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await client.tasks.bulk({
      action,
      filter,
      dryRun: true,
      limit: PREVIEW_MAX - items.length,
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < PREVIEW_MAX);
  const leftOut = 'treeIds' in target ? target.treeIds.length - items.length : 0;
  return { action, items, leftOut, hasMore: cursor !== undefined };
}

/** Does it to these trees. Yields what became of each, some at a time; who stops asking has stopped it. */
export async function* doBulk(
  client: Client,
  action: BulkAction,
  treeIds: readonly string[],
): AsyncGenerator<readonly BulkItem[], void, undefined> {
  for (let at = 0; at < treeIds.length; at += PAGE) {
    const filter = { treeIds: treeIds.slice(at, at + PAGE) };
    let cursor: string | undefined;
    do {
      const page = await client.tasks.bulk({ action, filter, ...(cursor === undefined ? {} : { cursor }) });
      yield page.items;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

function serverFilter(action: BulkAction, target: BulkTarget): ServerFilter {
  if ('treeIds' in target) return { treeIds: [...target.treeIds] };
  const text = target.text.trim();
  const meant = MEANT_FOR[action].filter((status) => target.statuses.size === 0 || target.statuses.has(status));
  const named = text.startsWith('#') ? { tag: text.slice(1) } : { search: text };
  return { status: meant, ...(text === '' || text === '#' ? {} : named) };
}

const WILL: Readonly<Record<BulkAction, string>> = {
  cancel: 'be cancelled',
  retry: 'be retried',
  archive: 'be archived',
  delete: 'be deleted',
};
const NOT_MEANT: Readonly<Record<BulkAction, string>> = {
  cancel: 'has ended already',
  retry: 'did not fail',
  archive: 'has not ended',
  delete: 'has not ended',
};
const WAS: Readonly<Record<BulkAction, string>> = {
  cancel: 'cancelled',
  retry: 'retried',
  archive: 'archived',
  delete: 'deleted',
};

/** `3 trees with 24 tasks will be cancelled. 1 is refused. 2 are left out: each has ended already.` */
export function previewText({ action, items, leftOut, hasMore }: BulkPreview): string {
  const { trees, tasks, refused } = countsOf(items);
  const parts = [
    trees === 0
      ? `Nothing will ${WILL[action]}.`
      : `${counted(trees, 'tree')} with ${counted(tasks, 'task')} will ${WILL[action]}.`,
  ];
  if (refused > 0) parts.push(`${refused} ${refused === 1 ? 'is' : 'are'} refused.`);
  if (leftOut === 1) parts.push(`1 is left out: it ${NOT_MEANT[action]}.`);
  if (leftOut > 1) parts.push(`${leftOut} are left out: each ${NOT_MEANT[action]}.`);
  if (hasMore) parts.push(`These are the newest ${items.length}: do it again for older ones.`);
  return parts.join(' ');
}

/** `3 trees with 24 tasks cancelled, 1 refused.` */
export function doneText(action: BulkAction, items: readonly BulkItem[]): string {
  const { trees, tasks, refused } = countsOf(items);
  const done = `${counted(trees, 'tree')} with ${counted(tasks, 'task')} ${WAS[action]}`;
  return refused === 0 ? `${done}.` : `${done}, ${refused} refused.`;
}

/** `24 tasks`, or why it is refused. */
export function itemText(item: BulkItem): string {
  return item.ok ? counted(item.taskCount, 'task') : `refused: ${item.error.message}`;
}

function countsOf(items: readonly BulkItem[]): {
  readonly trees: number;
  readonly tasks: number;
  readonly refused: number;
} {
  let [trees, tasks] = [0, 0];
  for (const item of items) {
    if (!item.ok) continue;
    trees += 1;
    tasks += item.taskCount;
  }
  return { trees, tasks, refused: items.length - trees };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
