/**
 * Listings of a large SQLite store, and opening it: as it was just written, and after the system has let go of the file, the first page
 * included. Parameters: tasks stored (in trees of 10), bytes of the inputs of each (default 0).
 */
import type { Store, TaskFilter } from '@coppice/core';
import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
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
  await fill(dir, { count: countOf(parameters, 0), inputBytes: Number(parameters[1] ?? 0) });
  const file = join(dir, 'coppice.db');
  const store = createStore('normal', dir);
  const startedMs = performance.now();
  await store.open();
  const openMs = performance.now() - startedMs;
  const figures: Record<string, number> = { openMs, fileMiB: statSync(file).size / 2 ** 20 };
  for (const [name, filter] of Object.entries(FILTERS)) {
    const pages = sorted(await pageTimes(store, filter));
    figures[`${name}P50Ms`] = quantile(pages, 0.5);
    figures[`${name}P99Ms`] = quantile(pages, 0.99);
  }
  const countedMs = performance.now();
  await store.count({ rootOnly: true });
  figures['countMs'] = performance.now() - countedMs;
  await store.close();
  return dropFromMemory(file) ? { ...figures, coldOpenMs: await firstPageMs(dir) } : figures;
}

async function firstPageMs(dir: string): Promise<number> {
  const store = createStore('normal', dir);
  const startedMs = performance.now();
  await store.open();
  await store.list(FILTERS['roots'] as TaskFilter, { limit: PAGE });
  const ms = performance.now() - startedMs;
  await store.close();
  return ms;
}

/** Asks the system to let go of what it keeps of a file; false where there is no GNU dd to ask with. */
function dropFromMemory(file: string): boolean {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
  return spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' }).status === 0;
}

async function fill(
  dir: string,
  { count, inputBytes }: { readonly count: number; readonly inputBytes: number },
): Promise<void> {
  const executor = { type: 'witness', description: 'Is never called.', effects: 'pure', execute: () => null } as const;
  const { engine, close } = await openEngine(createStore('normal', dir), [executor]);
  const { tasks, ...rest } = toSubmission(independent(TREE_TASKS - 1), 0);
  const inputs = inputBytes === 0 ? {} : { inputs: { text: 'x'.repeat(inputBytes) } };
  const submission = {
    ...rest,
    tasks: tasks.map((task) => (task.executor === undefined ? task : { ...task, ...inputs })),
  };
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
