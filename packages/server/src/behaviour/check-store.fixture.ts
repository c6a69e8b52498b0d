/** Invariants 1 and 2 of what a test leaves behind: sequences without gaps, one end per attempt at most, rows equal to the fold of the log. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fold, isAttemptEnd, type RunEvent, type Store, type TreeId } from '@coppice/core';
import { SqliteStore } from '@coppice/storage';
import { expect } from 'vitest';

/** Larger trees are left to the tests of the store. */
const TASKS_MAX = 1_000;

/** Checks every tree in the database of a stopped engine. */
export async function checkStore(dir: string): Promise<void> {
  const file = join(dir, 'coppice.db');
  if (!existsSync(file)) return;
  const store = new SqliteStore({ file, readOnly: true });
  await store.open();
  try {
    const { items } = await store.list({ rootOnly: true }, { limit: 100 });
    // What the rows say of these is not what their log says.
    const quarantined = await store.listQuarantined();
    for (const { task } of items) if (!quarantined.includes(task.treeId)) await checkTree(store, task.treeId);
  } finally {
    await store.close();
  }
}

async function checkTree(store: Store, treeId: TreeId): Promise<void> {
  const tree = await store.findTree(treeId);
  if (tree === undefined || tree.taskCount > TASKS_MAX) return;
  const events = await store.readEvents(treeId, 0, 100_000);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  checkAttempts(events);
  const run = fold(events);
  const rows = await store.listTasks(treeId);
  expect([tree.seq, tree.status, tree.counts]).toEqual([run?.seq, run?.status, run?.counts]);
  const alive = run?.tasks.filter(({ deleted }) => !deleted) ?? [];
  expect(rows.map(({ id, status, attempt, output, error }) => ({ id, status, attempt, output, error }))).toEqual(
    alive.map(({ id, status, attempt, output, error }) => ({ id, status, attempt, output, error: error ?? null })),
  );
}

function checkAttempts(events: readonly RunEvent[]): void {
  const open = new Set<string>();
  const started = new Set<string>();
  for (const event of events) {
    const { type, taskId, attempt } = event;
    const key = `${taskId}/${attempt}`;
    if (type === 'TaskStarted') {
      expect(started.has(key), `second start of ${key}`).toBe(false);
      started.add(key);
      open.add(key);
    } else if (isAttemptEnd(event)) {
      expect(open.delete(key), `${type} of ${key}, which is not open`).toBe(true);
    }
  }
}
