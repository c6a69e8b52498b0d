/**
 * The long soak: `npm run soak`. 300 kills over varied trees with servers and embedded runs, then 20,000 small runs and 1,000
 * subscriptions through one server. `--kills N`, `--runs N`, `--cycles N`, `--seed S` change that. Exit code 1 when something is left over.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { killMany, type KillReport } from './soak/kill-many.ts';
import { isFlat, measureFlat } from './soak/measure-flat.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    runs: { type: 'string', default: '20000' },
    cycles: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});

const dir = await mkdtemp(path.join(tmpdir(), 'coppice-soak-'));
try {
  // Side by side, each with a data directory of its own.
  const halves = await Promise.all(
    ['a', 'b'].map((half) =>
      killMany({
        dir: path.join(dir, half),
        kills: Math.ceil(Number(values.kills) / 2),
        seed: `${values.seed}${half}`,
        onLine: (line) => process.stderr.write(`${half}: ${line}\n`),
      }),
    ),
  );
  const sum = (count: keyof KillReport): number => halves.reduce((total, report) => total + report[count], 0);
  console.log(
    `${sum('kills')} kills, ${sum('answers')} acknowledged runs, ${sum('effects')} effects, ${sum('interrupted')} interrupted attempts: ` +
      `${sum('orphans')} orphans, ${sum('duplicated')} duplicated effects, ${sum('lost')} lost answers`,
  );
  const flat = await measureFlat(Number(values.runs), Number(values.cycles));
  console.log(
    `${flat.runs} runs, ${flat.cycles} subscriptions: heap ${(flat.heapGrowth / 1_000_000).toFixed(1)} MB, handles ${flat.handleGrowth} more`,
  );
  if (sum('orphans') + sum('duplicated') + sum('lost') > 0 || !isFlat(flat)) process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}
