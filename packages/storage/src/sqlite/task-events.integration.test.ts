/** The events of one task, of which a file keeps no index. */
import type { TaskId, TreeId } from '@coppice/core';
import { expect, onTestFinished, test } from 'vitest';
import { commanded, createTree } from './run.fixture.ts';
import { temporaryStore } from './temporary-store.fixture.ts';

test('R-RT-09: one call goes through a bounded part of the log, and says where to go on', async () => {
  const made = await temporaryStore();
  onTestFinished(() => made.dispose());
  const { store } = made;
  await store.open();
  const creation = createTree('a', 2);
  const { run } = creation;
  const [one, two] = run.tasks.slice(1).map(({ id }) => id) as [TaskId, TaskId];
  await store.append([creation]);
  await store.append([commanded(run, { type: 'execute' }, { type: 'start', taskIds: [one, two] })]);
  // Larger values are written apart from the log.
  const value = 'x'.repeat(4_000);
  for (let part = 0; part < 4; part++) {
    const records = Array.from({ length: 250 }, (_, at) => {
      const occurrence = part * 250 + at + 1;
      return { type: 'record', taskId: one, attempt: 1, key: 'k', occurrence, value } as const;
    });
    await store.append([commanded(run, ...records)]);
  }
  const first = await store.readTaskEvents('a' as TreeId, two, 0);
  expect(first.events.map(({ type }) => type)).toEqual(['TaskStarted']);
  expect(first.nextAfterSeq).toBeLessThan(run.seq - 1);
  const last = await store.readTaskEvents('a' as TreeId, two, run.seq - 1);
  expect(last).toEqual({ events: [], nextAfterSeq: undefined });
});
