/** What failed in a run, and what became of it, over RPC (R-ER-02). */
import type { RunEvent } from '@coppice/core';
import { expect, it } from 'vitest';
import { start } from './bench.fixture.ts';

const fails = () => {
  throw new Error('No');
};

it('a run with 1,500 failures says 1,500, names three, and pages them', async () => {
  const bench = await start({ work: { execute: fails } });
  const names = Array.from({ length: 1_500 }, (_, index) => `t${index}`);
  const tree = await bench.run([
    { name: 'root' },
    ...names.map((name) => ({ name, parentId: 'root', executor: 'work' })),
    { name: 'spare', parentId: 'root', executor: 'work', allowFailure: true },
  ]);
  expect(tree.status).toBe('failed');
  const { treeId } = tree;
  expect((await bench.get(treeId)).tree?.error?.message).toMatch(/^1500 tasks failed: t0, t1, t2 and 1497 more\. /);
  const last = (await bench.events(tree)).at(-1) as Extract<RunEvent, { type: 'RunFailed' }>;
  expect(last.data.failureCount).toBe(1_500);
  expect(last.data.failures).toHaveLength(100);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bench.call('tasks.failures', {
      treeId,
      tolerated: false,
      limit: 700,
      ...(cursor === undefined ? {} : { cursor }),
    });
    expect(page.total).toBe(1_500);
    found.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(found).toEqual(names);
  const tolerated = await bench.call('tasks.failures', { treeId, tolerated: true });
  expect(tolerated.items).toMatchObject([{ name: 'spare', toleration: { how: 'allowed', by: { name: 'spare' } } }]);
  expect((await bench.call('tasks.failures', { treeId })).total).toBe(1_501);
});

it('the failures of an unknown tree are refused, and those of a run without any are none', async () => {
  const bench = await start();
  expect((await bench.refusal('tasks.failures', { treeId: 'no' })).data).toMatchObject({ code: 'task/not-found' });
  const tree = await bench.create([{ name: 'root', executor: 'work' }]);
  expect(await bench.call('tasks.failures', { treeId: tree.treeId })).toEqual({ items: [], total: 0 });
});
