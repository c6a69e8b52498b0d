/**
 * What following costs a run of 1,000 tasks that print, 100 at a time. Parameters: store mode; `none` (nobody follows), `tree` (one reader of
 * the whole tree), or `tasks` (a reader of each task). A task takes 100 ms in which it prints 20 lines, as a program does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor, TaskId, TreeId } from '@coppice/core';
import type { Engine } from '@coppice/engine';
import { valueOf } from './coppice/coppice-subject.ts';
import { createStore, openEngine, STORE_MODES } from './coppice/open-engine.ts';
import type { Figures, MeasurementContext } from './measurement.ts';
import { startProfile } from './processor-profile.ts';

const FOLLOWED = ['none', 'tree', 'tasks'] as const;
const TASKS = 1_000;
const AT_ONCE = 100;
const STEPS = 4;
const STEP_MS = 25;
const LINES = 20;
const STEP_TEXT = `${'compiling one of many files'.padEnd(79)}\n`.repeat(LINES / STEPS);
const PAGE = { limit: 1_000, waitMs: 20_000 };

const PRINTER: Executor = {
  type: 'printer',
  description: 'Prints some lines.',
  effects: 'pure',
  execute: async (_input, ctx) => {
    for (let step = 0; step < STEPS; step++) {
      ctx.stream(STEP_TEXT);
      await sleep(STEP_MS);
    }
    return null;
  },
};

export async function measureLogs({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const mode = STORE_MODES.find((each) => each === parameters[0]);
  const followed = FOLLOWED.find((each) => each === parameters[1]);
  if (mode === undefined || followed === undefined)
    throw new Error(`No such measurement: "${parameters.join(' ')}"; followed may be ${FOLLOWED.join(', ')}`);
  const { engine, close } = await openEngine(createStore(mode, dir), [PRINTER]);
  await run(engine, AT_ONCE, followed);
  const stopProfile = await startProfile();
  const processorBefore = process.cpuUsage();
  const { ms, lines } = await run(engine, TASKS, followed);
  const { user, system } = process.cpuUsage(processorBefore);
  await stopProfile?.();
  await close();
  return { tasksPerSecond: (TASKS / ms) * 1000, processorUsPerTask: (user + system) / TASKS, linesRead: lines };
}

/** Answers how long the run took, and how many lines its readers got. */
async function run(
  engine: Engine,
  tasks: number,
  followed: (typeof FOLLOWED)[number],
): Promise<{ readonly ms: number; readonly lines: number }> {
  const members = Array.from({ length: tasks }, (_, at) => ({ name: `t${at}`, parentId: 'all', executor: 'printer' }));
  const submission = { tasks: [{ name: 'all' }, ...members], policies: { concurrency: AT_ONCE } };
  const treeId = valueOf(await engine.create(submission, { userId: 'bench' }));
  const startedMs = performance.now();
  valueOf(await engine.execute(treeId));
  const readers = followAll(engine, treeId, followed);
  const status = await engine.settled(treeId);
  if (status !== 'completed') throw new Error(`The run ended as ${status}`);
  const ms = performance.now() - startedMs;
  const lines = (await readers).reduce((sum, count) => sum + count, 0);
  if (followed !== 'none' && lines !== tasks * LINES) throw new Error(`${lines} lines were read of ${tasks * LINES}`);
  return { ms, lines };
}

async function followAll(
  engine: Engine,
  treeId: TreeId,
  followed: (typeof FOLLOWED)[number],
): Promise<readonly number[]> {
  if (followed === 'none') return [];
  const tasks = await engine.index.listTasks(treeId);
  const ids = followed === 'tree' ? [treeId] : tasks.slice(1).map(({ id }) => id);
  return Promise.all(ids.map((taskId) => follow(engine, taskId)));
}

/** The number of lines, when nothing more comes. */
async function follow(engine: Engine, taskId: TaskId): Promise<number> {
  let lines = 0;
  let after = 0;
  for (;;) {
    const page = valueOf(await engine.logs({ taskId, after, ...PAGE }));
    lines += page.lines.length;
    if (page.hasEnded) return lines;
    after = page.nextOffset;
  }
}
