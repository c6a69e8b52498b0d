/** Measures how fast Coppice is beside floors and peers: `npm run bench`. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Group } from './bench/case.ts';
import { describeMachine, readMachine } from './bench/machine.ts';
import { parseOptions, USAGE, type BenchOptions } from './bench/options.ts';
import { profileCases } from './bench/profile-cases.ts';
import { progressLine } from './bench/progress-line.ts';
import { runCases } from './bench/run-cases.ts';
import { selectGroups } from './bench/select-groups.ts';
import { roundsOf, tableOf } from './bench/table.ts';
import { writeResults } from './bench/write-results.ts';

const root = resolve(import.meta.dirname, '..');
try {
  const options = parseOptions(process.argv.slice(2));
  const groups = selectGroups(options);
  const cases = groups.flatMap((group) => group.cases);
  if (options.isHelp) console.log(USAGE);
  else if (options.isList) for (const { id } of cases) console.log(id);
  else {
    if (options.hasPeers && !existsSync(resolve(root, 'bench/peers/node_modules'))) {
      throw new Error('The peers are not installed: npm ci --prefix bench/peers');
    }
    if (groups.some(({ needsBuild }) => needsBuild)) build();
    await (options.isProfile ? profileCases(cases, progressLine) : measure(groups, options));
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

async function measure(groups: readonly Group[], options: BenchOptions): Promise<void> {
  const startedMs = performance.now();
  const machine = readMachine();
  const cases = groups.flatMap((group) => group.cases);
  const results = await runCases(cases, { rounds: options.rounds, report: progressLine });
  progressLine('');
  const byId = new Map(results.map((result) => [result.case.id, result]));
  const tables = groups.map((group) => ({
    name: group.name,
    text: tableOf(group, byId),
    rounds: roundsOf(group, byId),
  }));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log([...tables.map(({ text }) => text), `${describeMachine(machine)}; ${seconds} s.`].join('\n\n'));
  if (options.jsonFile !== undefined) {
    writeFileSync(options.jsonFile, `${JSON.stringify({ machine, results }, undefined, 1)}\n`);
  }
  if (options.isWrite) writeResults(resolve(root, 'bench/RESULTS.md'), { machine, tables });
  if (results.some(({ error }) => error !== undefined)) process.exitCode = 1;
}

/** Quick when nothing has changed. */
function build(): void {
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('The build failed; npm run build shows why');
}
