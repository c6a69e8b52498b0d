/**
 * A real process, killed 50 times with SIGKILL while it runs a tree of 200 tasks on a SQLite file, always goes on, and in the end every task's effect
 * has happened exactly once by idempotency key (R-CP-10, R-CP-11, R-CP-12, R-EV-03, R-EV-05, invariants 1, 2 and 3).
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSeededRandom, type TreeId } from '@coppice/core';
import { SqliteStore } from '@coppice/storage';
import { checkRows } from '@coppice/testkit/simulation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CRASH_TREE_ID, EFFECTS } from './crash-tree.fixture.ts';
import { begin, check, kill, linesOf, type Begun } from './killing.fixture.ts';

const KILLS = 50;
/** Of these, so many while the process starts, opens the store and recovers. */
const EARLY_KILLS = 8;
const SEED = '2026';
/** Events that an observer may be told between two of its stored places. */
const PLACE_EVENTS = 100;
/** Only what hangs needs so long, however slow the machine is. */
const MS_MAX = 1_800_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coppice-crash-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fileOf = (name: string): string => path.join(folder, name);

function beginOne(): Begun {
  return begin('crashing-process.fixture.ts', ['coppice.db', 'effects', 'observed'].map(fileOf));
}

const effects = (): readonly string[] => linesOf(fileOf('effects'));

/** Moments are numbers of effects, chosen so that the tree is near its end at the last kill, and never before, however fast the machine is. */
async function killManyTimes(): Promise<{ readonly killed: number; readonly output: string[] }> {
  const random = createSeededRandom({ seed: SEED, taskId: '', attempt: 1, purpose: 'kills' });
  const output: string[] = [];
  let killed = 0;
  for (let turn = 0; turn < KILLS; turn++) {
    const process = beginOne();
    const isEarly = turn % Math.floor(KILLS / EARLY_KILLS) === 1;
    if (isEarly) await delay(random.integer(400));
    else {
      await process.ready;
      const done = effects().length;
      const mean = Math.max(EFFECTS * 0.9 - done, 0) / (KILLS - turn);
      const until = done + random.integer(Math.ceil(1.6 * mean) + 1);
      while (effects().length < until && process.child.exitCode === null) await delay(1);
      // Somewhere between two effects.
      await delay(random.integer(12));
    }
    await kill(process.child);
    if (process.child.signalCode === 'SIGKILL') killed++;
    output.push(...process.output);
  }
  return { killed, output };
}

async function runToTheEnd(): Promise<readonly string[]> {
  const { child, output } = beginOne();
  await once(child, 'exit');
  return output;
}

/** At least once, in order, never with a gap; a kill takes the observer back by no more than what it is told between two places. */
function checkObserved(told: readonly number[], count: number): void {
  let last = 0;
  for (const seq of told) {
    expect(seq).toBeLessThanOrEqual(last + 1);
    expect(seq).toBeGreaterThan(last - PLACE_EVENTS);
    last = seq;
  }
  expect(last).toBe(count);
}

it(
  'ends as if nothing had happened after 50 kills',
  async () => {
    const { killed, output } = await killManyTimes();
    expect(await runToTheEnd()).toEqual(['ready', 'ended completed']);
    expect(output.filter((line) => line !== 'ready' && !line.startsWith('ended'))).toEqual([]);

    const lines = effects();
    expect(lines).toHaveLength(EFFECTS);
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(EFFECTS);
    expect(new Set(lines.map((line) => line.split(' ')[1])).size).toBe(EFFECTS);

    const store = new SqliteStore({ file: fileOf('coppice.db') });
    await store.open();
    const treeId = CRASH_TREE_ID as TreeId;
    expect(await store.verifyLog(treeId)).toBeUndefined();
    const events = await store.readEvents(treeId, 0, 1_000_000);
    const run = check(events, 3);
    expect(run.status).toBe('completed');
    expect(run.counts).toMatchObject({ completed: EFFECTS + 11, failed: 0 });
    checkRows(run, await store.findTree(treeId), await store.listTasks(treeId));
    await store.close();

    checkObserved(linesOf(fileOf('observed')).map(Number), events.length);

    // The kills have hit what they were meant to: attempts in flight, and results that were done but not stored.
    expect(killed).toBe(KILLS);
    expect(events.filter((event) => event.type === 'AttemptInterrupted').length).toBeGreaterThan(KILLS / 2);
    const repeated = run.tasks.filter((task) => JSON.stringify(task.output) === '{"repeated":true}');
    expect(repeated.length).toBeGreaterThan(0);
  },
  MS_MAX,
);
