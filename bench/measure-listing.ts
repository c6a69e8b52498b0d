/** Listings of a large SQLite store, and opening it. Parameters: tasks stored (in trees of 10). */
import type { Store, TaskFilter } from '@coppice/core';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { toSubmission, valueOf } from './coppice/coppice-subject.ts';
import { createStore, openEngine } from './coppice/open-engine.ts';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';
import { inLanes, independent } from './workload.ts';

const TREE_TASKS = 10;
const TREES_AT_ONCE = 200;
const CALLS = 300;
const PAGE = 100;

const FILTERS: Readonly<Record<string, TaskFilter>> = {
  roots: { rootOnly: true },
  all: { rootOnly: false },
  status: { rootOnly: true, status: ['created'] },
  user: { rootOnly: true, userId: 'user-7' },
};

export async function measureListing({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const count = countOf(parameters, 0);
  await fill(dir, count);
  const store = createStore('normal', dir);
  const startedMs = performance.now();
  await store.open();
  const openMs = performance.now() - startedMs;
  const figures: Record<string, number> = { openMs, fileMiB: statSync(join(dir, 'coppice.db')).size / 2 ** 20 };
  for (const [name, filter] of Object.entries(FILTERS)) {
    const pages = sorted(await pageTimes(store, filter));
    figures[`${name}P50Ms`] = quantile(pages, 0.5);
    figures[`${name}P99Ms`] = quantile(pages, 0.99);
  }
  const countedMs = performance.now();
  await store.count({ rootOnly: true });
  figures['countMs'] = performance.now() - countedMs;
  await store.close();
  return figures;
}

async function fill(dir: string, count: number): Promise<void> {
  const executor = { type: 'witness', description: 'Is never called.', effects: 'pure', execute: () => null } as const;
  const { engine, close } = await openEngine(createStore('normal', dir), [executor]);
  const submission = toSubmission(independent(TREE_TASKS - 1), 0);
  await inLanes(Math.ceil(count / TREE_TASKS), TREES_AT_ONCE, async (index) =>
    valueOf(await engine.create(submission, { userId: `user-${index % 20}` })),
  );
  await close();
}

/** Pages one after the other by cursor, and again from the start after the last: ms of each call. */
async function pageTimes(store: Store, filter: TaskFilter): Promise<number[]> {
  const times: number[] = [];
  let cursor: string | undefined;
  for (let call = 0; call < CALLS; call++) {
    const startedMs = performance.now();
    const page = await store.list(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    times.push(performance.now() - startedMs);
    if (page.items.length === 0) throw new Error('A page is empty');
    cursor = page.nextCursor;
  }
  return times;
}
