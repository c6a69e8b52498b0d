import type { Client } from '@coppice/client';
import { BULK_STATUSES } from '@coppice/protocol';
import type { Params, Result } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { doBulk, doneText, itemText, MEANT_FOR, previewBulk, previewText } from './bulk.ts';
import type { BulkItem } from './bulk.ts';

type Asked = Params<'tasks.bulk'>;

/** A server with so many trees, in pages of two; trees whose number is odd are refused. */
function serverWith(count: number): { readonly client: Client; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const trees = Array.from({ length: count }, (_, at) => at);
  const bulk = (params: Asked): Promise<Result<'tasks.bulk'>> => {
    asked.push(params);
    const { treeIds } = params.filter;
    const wanted = trees.filter((at) => treeIds === undefined || treeIds.includes(`t${at}`));
    const from = Number(params.cursor ?? 0);
    const limit = Math.min(2, params.limit ?? 100);
    const items = wanted.slice(from, from + limit).map(itemOf);
    return Promise.resolve(from + limit < wanted.length ? { items, nextCursor: String(from + limit) } : { items });
  };
  return { client: { tasks: { bulk } } as unknown as Client, asked };
}

function itemOf(at: number): BulkItem {
  const about = { treeId: `t${at}`, name: `tree ${at}`, status: 'running' as const };
  return at % 2 === 0
    ? { ...about, ok: true, taskCount: 4 }
    : { ...about, ok: false, error: { number: -32001, code: 'task/busy', message: 'busy', data: {} } as never };
}

it('knows the runs that actions are meant for as the server does', () => {
  expect(MEANT_FOR).toEqual(BULK_STATUSES);
});

it('shows what would happen to all trees of all pages, and changes nothing (R-RT-13)', async () => {
  const { client, asked } = serverWith(5);
  const preview = await previewBulk(client, 'cancel', { target: { text: ' night ', statuses: new Set() } });
  expect(preview.items.map(({ treeId }) => treeId)).toEqual(['t0', 't1', 't2', 't3', 't4']);
  expect(asked.map(({ dryRun }) => dryRun)).toEqual([true, true, true]);
  expect(asked[0]?.filter).toEqual({ search: 'night', status: MEANT_FOR.cancel });
  expect(previewText(preview)).toBe('3 trees with 12 tasks will be cancelled. 2 are refused.');
  expect(preview.items.map(itemText).slice(0, 2)).toEqual(['4 tasks', 'refused: busy']);
});

it.each([
  ['retry', { text: '#nightly', statuses: new Set(['failed']) }, { status: ['failed'], tag: 'nightly' }],
  ['delete', { text: '', statuses: new Set<string>() }, { status: MEANT_FOR.delete }],
  ['delete', { text: '#', statuses: new Set(['running']) }, { status: [] }],
  ['cancel', { treeIds: ['t1', 't2'] }, { treeIds: ['t1', 't2'] }],
] as const)('%s: the filter of the list as the server takes it', async (action, target, filter) => {
  const { client, asked } = serverWith(1);
  await previewBulk(client, action, { target });
  expect(asked[0]?.filter).toEqual(filter);
});

it('says of marked trees which ones the action is not meant for, and of very many that they are not all', async () => {
  const { client } = serverWith(3);
  const target = { treeIds: ['t0', 't2', 'ended', 'gone'] };
  const preview = await previewBulk(client, 'cancel', { target });
  expect(previewText(preview)).toBe('2 trees with 8 tasks will be cancelled. 2 are left out: each has ended already.');
  const many = await previewBulk(serverWith(1001).client, 'delete', { target: { text: '', statuses: new Set() } });
  expect(many.items).toHaveLength(1000);
  expect(previewText(many)).toMatch(/These are the newest 1000: do it again for older ones\.$/);
  const none = await previewBulk(client, 'retry', { target: { treeIds: ['gone'] } });
  expect(previewText(none)).toBe('Nothing will be retried. 1 is left out: it did not fail.');
});

it('does it to exactly the trees that were shown, in pieces that can be stopped between', async () => {
  const { client, asked } = serverWith(200);
  const treeIds = Array.from({ length: 120 }, (_, at) => `t${at}`);
  const done: BulkItem[] = [];
  for await (const items of doBulk(client, 'delete', treeIds)) done.push(...items);
  expect(done.map(({ treeId }) => treeId)).toEqual(treeIds);
  expect(doneText('delete', done)).toBe('60 trees with 240 tasks deleted, 60 refused.');
  expect(new Set(asked.map(({ dryRun }) => dryRun))).toEqual(new Set([undefined]));
  asked.length = 0;
  for await (const _ of doBulk(client, 'delete', treeIds)) break;
  expect(asked).toHaveLength(1);
});
