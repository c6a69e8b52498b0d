/**
 * A real process, killed 15 times with SIGKILL while it runs a tree that grows, waits, is paused and shares variables on a SQLite file,
 * ends in the state of one that nobody killed, and every effect has happened once by idempotency key (R-CP-10, R-CP-08, R-SN-01, R-SC-06).
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSeededRandom, type RunEvent, type RunState, type TreeId } from '@coppice/core';
import { SqliteStore } from '@coppice/storage';
import { checkRows, outcomeText } from '@coppice/testkit/simulation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EFFECTS, GROWING_TREE_ID } from './growing-tree.fixture.ts';
import { begin, check, kill, linesOf, type Begun } from './killing.fixture.ts';

const KILLS = 15;
/** Only what hangs needs so long, however slow the machine is. */
const MS_MAX = 900_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coppice-growing-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fileOf = (name: string): string => path.join(folder, name);

function beginOne(name: string): Begun {
  return begin(
    'growing-process.fixture.ts',
    ['db', 'effects', 'repeated'].map((kind) => fileOf(`${name}.${kind}`)),
  );
}

const effectsOf = (name: string): readonly string[] => linesOf(fileOf(`${name}.effects`));

async function runToTheEnd(name: string): Promise<readonly string[]> {
  const { child, output } = beginOne(name);
  await once(child, 'exit');
  return output;
}

/** Kills at numbers of effects that are spread over all of them, so that it is near its end at the last kill. */
async function killManyTimes(name: string): Promise<readonly string[]> {
  const random = createSeededRandom({ seed: '12', taskId: '', attempt: 1, purpose: 'kills' });
  const output: string[] = [];
  for (let turn = 1; turn <= KILLS; turn++) {
    const begun = beginOne(name);
    await begun.ready;
    const until = Math.floor((0.9 * EFFECTS * turn) / KILLS);
    while (effectsOf(name).length < until && begun.child.exitCode === null) await delay(1);
    await delay(random.integer(15));
    await kill(begun.child);
    output.push(...begun.output);
  }
  return output;
}

async function stored(name: string): Promise<{ readonly run: RunState; readonly events: readonly RunEvent[] }> {
  const store = new SqliteStore({ file: fileOf(`${name}.db`) });
  await store.open();
  const treeId: TreeId = GROWING_TREE_ID;
  expect(await store.verifyLog(treeId)).toBeUndefined();
  const events = await store.readEvents(treeId, 0, 1_000_000);
  const run = check(events, 3);
  checkRows(run, await store.findTree(treeId), await store.listTasks(treeId));
  await store.close();
  return { run, events };
}

it(
  'ends as one that nobody killed',
  async () => {
    const killed = await killManyTimes('killed');
    expect(killed.filter((line) => line !== 'ready')).toEqual([]);
    expect(await runToTheEnd('killed')).toEqual(['ready', 'ended completed']);
    expect(await runToTheEnd('whole')).toEqual(['ready', 'ended completed']);

    for (const name of ['killed', 'whole']) {
      const keys = effectsOf(name).map((line) => line.split(' ')[0]);
      expect(keys).toHaveLength(EFFECTS);
      expect(new Set(keys).size).toBe(EFFECTS);
    }
    const [after, whole] = [await stored('killed'), await stored('whole')];
    expect(outcomeText(after.run)).toBe(outcomeText(whole.run));
    expect(whole.run.result?.variables).toMatchObject({ total: 620, turns: 10, stage: 'loop.9' });

    // The kills have hit attempts, results that were not stored, and pauses.
    const typesOf = after.events.map(({ type }) => type);
    expect(typesOf.filter((type) => type === 'AttemptInterrupted').length).toBeGreaterThan(KILLS / 2);
    expect(linesOf(fileOf('killed.repeated')).length).toBeGreaterThan(0);
    expect(typesOf).toContain('TaskPaused');
  },
  MS_MAX,
);
