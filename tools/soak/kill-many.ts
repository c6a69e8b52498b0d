/**
 * Processes that run varied trees on one data directory, by turns a server and a program that embeds the engine, are killed with SIGKILL
 * again and again. In the end everything that was acknowledged has run, and three things are counted that must not be.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSeededRandom, type SeededRandom, type TreeId } from '@coppice/core';
import { createLocal, parseConfig } from '@coppice/server';
import { beginLife, type ProcessLife } from './soak-life.ts';
import { effectsOf, soakTree } from './soak-tree.ts';

export interface KillOptions {
  readonly dir: string;
  readonly kills: number;
  readonly seed: string;
  readonly onLine?: (line: string) => void;
}

export interface KillReport {
  readonly kills: number;
  /** Runs that were acknowledged. */
  readonly answers: number;
  readonly effects: number;
  /** Attempts that a kill has met. */
  readonly interrupted: number;
  /** Commands that are still there when nobody should run any. */
  readonly orphans: number;
  /** Effects that happened more than once under one key. */
  readonly duplicated: number;
  /** Acknowledged runs that are gone or did not complete, or of which an effect never happened. */
  readonly lost: number;
}

/** Share of lives that are killed while they start. */
const EARLY = 0.25;
const EARLY_MS = 500;
const LIFE_MS = 350;
/** Commands are held in one life of so many, and go on in the next. */
const LIVES_PER_HOLD = 3;
const PROGRESS_MS = 20_000;
const POLL_MS = 10;

interface AcknowledgedRun {
  readonly treeId: string;
  readonly effects: number;
}

/** Needs /proc to find processes. */
export async function killMany({ dir, kills, seed, onLine }: KillOptions): Promise<KillReport> {
  const random = createSeededRandom({ seed, taskId: '', attempt: 1, purpose: 'soak' });
  const dataDir = join(dir, 'data');
  const effects = join(dir, 'effects');
  const hold = join(dir, 'hold');
  const release = (): void => rmSync(hold, { force: true });
  const mark = `coppice-soak-${seed}-${process.pid}`;
  const acknowledged: AcknowledgedRun[] = [];
  for (let killed = 0; killed < kills; killed++) {
    const life = beginLife(killed % 2 === 0 ? 'serve' : 'embedded', dataDir);
    const isHeld = killed % LIVES_PER_HOLD === 0;
    if (isHeld && existsSync(dataDir)) writeFileSync(hold, '');
    const count = readKeys(effects).length;
    const hasProgress = (): boolean => readKeys(effects).length > count;
    await live(life, { random, hasProgress, release: isHeld ? () => {} : release }, async () => {
      const tasks = soakTree({ random, effects, hold, mark });
      const treeId = await life.execute(tasks);
      if (treeId !== undefined) acknowledged.push({ treeId, effects: effectsOf(tasks) });
    });
    if (life.child.signalCode !== 'SIGKILL') throw new Error(`It ended by itself:\n${life.output.join('\n')}`);
    onLine?.(`${killed + 1} of ${kills} kills, ${acknowledged.length} runs acknowledged`);
  }
  release();
  const { interrupted, lost } = await runToTheEnd(dataDir, acknowledged);
  const keys = readKeys(effects);
  const distinct = new Set(keys);
  const missing = acknowledged.filter(({ treeId, effects: expected }) => effectsIn(distinct, treeId) !== expected);
  return {
    kills,
    answers: acknowledged.length,
    effects: distinct.size,
    interrupted,
    orphans: processesWith(mark),
    duplicated: keys.length - distinct.size,
    lost: lost + missing.length,
  };
}

interface Fate {
  readonly random: SeededRandom;
  /** An effect has happened since the process began. */
  readonly hasProgress: () => boolean;
  /** Lets the commands go on that wait: those of this process, and any that an earlier one has left. */
  readonly release: () => void;
}

/** Lets a process live for a while, asks it for runs meanwhile, and kills it. */
async function live(
  life: ProcessLife,
  { random, hasProgress, release }: Fate,
  ask: () => Promise<void>,
): Promise<void> {
  if (random.next() < EARLY) {
    await delay(random.integer(EARLY_MS));
    return life.kill();
  }
  if ((await life.ready) === undefined) throw new Error(`It does not start:\n${life.output.join('\n')}`);
  // Now and then the kill comes before the answer: then there is none to be lost.
  const asking = ask();
  if (random.next() < 0.8) {
    await asking;
    await delay(random.integer(LIFE_MS));
    release();
    // However slow the machine is: an attempt that is interrupted too often is given up, and that would be no fault.
    for (let waited = 0; !hasProgress() && waited < PROGRESS_MS; waited += POLL_MS) await delay(POLL_MS);
  }
  await delay(random.integer(LIFE_MS));
  await life.kill();
  return asking;
}

/** A last process that nobody kills. */
async function runToTheEnd(
  dataDir: string,
  acknowledged: readonly AcknowledgedRun[],
): Promise<{ readonly interrupted: number; readonly lost: number }> {
  const parsed = parseConfig({ dataDir });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const local = await createLocal(parsed.config);
  await local.start();
  let lost = 0;
  let interrupted = 0;
  const known = new Set(acknowledged.map(({ treeId }) => treeId));
  // Those that were stored and never acknowledged end, too: their commands are none that are left behind.
  for (const treeId of await local.store.listIncomplete()) if (!known.has(treeId)) await local.engine.settled(treeId);
  for (const { treeId } of acknowledged) {
    if ((await local.engine.settled(treeId as TreeId)) !== 'completed') lost++;
    const events = await local.store.readEvents(treeId as TreeId, 0, 100_000);
    interrupted += events.filter(({ type }) => type === 'AttemptInterrupted').length;
  }
  await local.stop();
  return { interrupted, lost };
}

/** How many of a tree's tasks have had their effect. */
function effectsIn(keys: ReadonlySet<string>, treeId: string): number {
  let count = 0;
  for (const key of keys) if (key.startsWith(`${treeId}/`)) count++;
  return count;
}

function readKeys(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ')[0] ?? '');
}

/** Processes of this machine whose command line has the mark. */
function processesWith(mark: string): number {
  const isMarked = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isMarked(name)).length;
}
