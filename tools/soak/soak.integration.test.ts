/** A short soak: `npm run soak` is the long one (docs/decisions/0121). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killMany } from './kill-many.ts';
import { isFlat, measureFlat } from './measure-flat.ts';

/** Kills of each of two data directories that are at work side by side. */
const KILLS = 25;
/** A busy machine takes ten times as long. */
const MS_MAX = 480_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coppice-soak-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.runIf(process.platform === 'linux')(
  '50 kills of servers and embedded runs leave no orphan, no duplicated effect, and lose no answer',
  async () => {
    const seeds = ['2026', '2027'];
    const reports = await Promise.all(
      seeds.map((seed) => killMany({ dir: path.join(folder, seed), kills: KILLS, seed })),
    );
    for (const report of reports) {
      expect(report).toMatchObject({ kills: KILLS, orphans: 0, duplicated: 0, lost: 0 });
      // The kills have hit what they were meant to.
      expect(report.answers).toBeGreaterThan(KILLS / 3);
      expect(report.interrupted).toBeGreaterThan(KILLS / 3);
    }
  },
  MS_MAX,
);

it(
  'many small runs and subscriptions leave heap and handles of a server as they were',
  async () => {
    expect(await measureFlat(1_500, 100)).toSatisfy(isFlat);
  },
  MS_MAX,
);

it(
  'and a leak is seen: a little that is kept of each run',
  async () => {
    expect(isFlat(await measureFlat(1_500, 1, { leak: true }))).toBe(false);
  },
  MS_MAX,
);
