/** Measures how fast Coppice is beside floors and peers: `npm run bench`. See bench/README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Case } from './bench/case.ts';
import { GROUPS } from './bench/groups.ts';
import { readProfile } from './bench/profile-summary.ts';
import { runCases } from './bench/run-cases.ts';
import { tableOf } from './bench/table.ts';

const { values } = parseArgs({
  options: {
    group: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});

const startedMs = performance.now();
const groups = GROUPS.filter(({ name, isDefault }) => values.group?.includes(name) ?? isDefault);
const cases = groups.flatMap((group) => group.cases.filter(isWanted));
if (cases.length === 0) throw new Error('No case is left; see bench/README.md for groups and names');
const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, Node ${process.version}`;
if (values.profile) await profile(cases);
else await measure(cases);

function isWanted({ id }: Case): boolean {
  return values.only === undefined || values.only.some((part) => id.includes(part));
}

async function measure(wanted: readonly Case[]): Promise<void> {
  const results = await runCases(wanted, { rounds: Number(values.rounds), report: progress });
  progress('');
  const byId = new Map(results.map((result) => [result.case.id, result]));
  const tables = groups.map((group) => tableOf(group, byId));
  console.log(`${tables.join('\n\n')}\n\n${machine}; ${Math.round((performance.now() - startedMs) / 1000)} s.`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ machine, results }, undefined, 1));
  if (results.some(({ error }) => error !== undefined)) process.exitCode = 1;
}

async function profile(wanted: readonly Case[]): Promise<void> {
  for (const each of wanted) {
    const profileDir = mkdtempSync(join(tmpdir(), 'coppice-profile-'));
    const profileFile = join(profileDir, 'profile.json');
    const [result] = await runCases([each], { rounds: 1, profileFile, report: progress });
    progress('');
    if (result?.error !== undefined) throw new Error(result.error);
    const functions = readProfile(profileFile);
    const rows = functions.slice(0, 30).map(row);
    const inclusive = functions
      .toSorted((a, b) => b.totalMs - a.totalMs)
      .slice(0, 30)
      .map(row);
    console.log([`## ${each.id}`, '', ' self ms  total ms', ...rows, '', 'By total:', ...inclusive, ''].join('\n'));
    rmSync(profileDir, { recursive: true, force: true });
  }
}

function row({ name, selfMs, totalMs }: ReturnType<typeof readProfile>[number]): string {
  return `${selfMs.toFixed(1).padStart(8)}  ${totalMs.toFixed(1).padStart(8)}  ${name}`;
}

/** One line that overwrites itself; nothing where nobody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
