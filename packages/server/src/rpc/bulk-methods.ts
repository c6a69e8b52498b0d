/** Cancels, retries, archives or deletes the trees that a filter selects, or says what that would do. */
import type { Outcome, TaskListItem, TreeId } from '@coppice/core';
import type { TreeAction } from '@coppice/engine';
import { BULK_STATUSES } from '@coppice/protocol';
import type { ParsedParams, Result } from '@coppice/protocol';
import { answer, refusalItem } from './answer.ts';
import type { Answer } from './answer.ts';
import { actorOf } from './caller.ts';
import type { Principal } from './caller.ts';
import { filterOf, listPage } from './listing.ts';
import { refuseToRun } from './run-access.ts';
import type { Implementations, Services } from './services.ts';

type BulkParams = ParsedParams<'tasks.bulk'>;
type BulkItem = Result<'tasks.bulk'>['items'][number];

/** Trees that are worked on at once: their events share appends, and only so many runs are loaded for it. */
const TOGETHER = 32;
/** After this time, ms, no further trees are begun: they are left to the next page. */
const PAGE_MS = 5_000;

export function bulkMethods(services: Services): Implementations<'tasks.bulk'> {
  return {
    'tasks.bulk': async (params, { principal }) => {
      const { action, filter, limit } = params;
      const status = filter.status ?? [...BULK_STATUSES[action]];
      const stored = filterOf(principal, { ...filter, status, rootOnly: true });
      if (!stored.ok) return stored;
      const untilMs = services.nowMs() + PAGE_MS;
      const items: BulkItem[] = [];
      let { cursor } = params;
      do {
        const page = await listPage(services.engine, stored.value, {
          limit: Math.min(TOGETHER, limit - items.length),
          cursor,
        });
        if (!page.ok) return page;
        items.push(
          ...(await Promise.all(page.value.items.map((tree) => itemOf(services, principal, { params, tree })))),
        );
        cursor = page.value.nextCursor;
      } while (cursor !== undefined && items.length < limit && services.nowMs() < untilMs);
      return answer(cursor === undefined ? { items } : { items, nextCursor: cursor });
    },
  };
}

interface Piece {
  readonly params: BulkParams;
  readonly tree: TaskListItem;
}

async function itemOf(services: Services, principal: Principal, { params, tree }: Piece): Promise<BulkItem> {
  const { treeId, name } = tree.task;
  const about = { treeId, name, status: tree.runStatus };
  const done = await doTo(services, principal, { params, treeId });
  return done.ok
    ? { ...about, ok: true, taskCount: done.value }
    : { ...about, ok: false, error: refusalItem(done.rejection) };
}

/** The number of changed tasks. */
async function doTo(
  services: Services,
  principal: Principal,
  { params, treeId }: { readonly params: BulkParams; readonly treeId: TreeId },
): Promise<Answer<number>> {
  const { engine } = services;
  const refusal = params.action === 'retry' ? await refuseToRun(services, principal, treeId) : undefined;
  if (refusal !== undefined) return refusal;
  if (params.dryRun) return engine.preview(treeId, actionOf(params));
  const actor = actorOf(principal);
  switch (params.action) {
    case 'cancel':
      return taskCountOf(await engine.cancel(treeId, { reason: params.reason, force: params.force, actor }));
    case 'retry':
      return taskCountOf(await engine.retry(treeId, { mode: params.mode, actor }));
    case 'archive':
      return services.archives.archive(treeId);
    case 'delete':
      return engine.delete(treeId);
  }
}

function actionOf(params: BulkParams): TreeAction {
  if (params.action === 'retry') return { type: 'retry', mode: params.mode };
  // What may leave the store may leave it in either way.
  return { type: params.action === 'cancel' ? 'cancel' : 'delete' };
}

function taskCountOf(outcome: Outcome<{ readonly taskCount: number }>): Outcome<number> {
  return outcome.ok ? { ok: true, value: outcome.value.taskCount } : outcome;
}
