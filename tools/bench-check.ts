/**
 * Fails when ours has become much slower beside the floors: `npm run bench:check`. Takes about a minute.
 * `--record` writes today's ratios to bench/bounds.json: after a change that made ours faster, never to silence this.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECK_CASES } from './bench/check-cases.ts';
import { progressLine } from './bench/progress-line.ts';
import { findRegressions, isKept, type Bounds, type Finding } from './bench/regression.ts';
import { runCases } from './bench/run-cases.ts';

const file = resolve(import.meta.dirname, '../bench/bounds.json');
const { values } = parseArgs({ options: { record: { type: 'boolean', default: false } } });
const bounds = values.record ? {} : (JSON.parse(readFileSync(file, 'utf8')) as Bounds);
const findings = await findRegressions(CHECK_CASES, bounds, (each, rounds) =>
  runCases(each, { rounds, report: progressLine }),
);
progressLine('');
if (values.record) {
  const recorded = findings.map(({ id, ratio }): [string, number] => [id, Number(ratio.toPrecision(3))]);
  for (const [id, ratio] of recorded) console.log(`recorded ${id}: ${(ratio * 100).toFixed(1)} % of its floor`);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(recorded), undefined, 2)}\n`);
} else {
  for (const finding of findings) console.log(describe(finding));
  if (!findings.every(isKept)) {
    console.error('Ours is slower than it was: npm run bench -- --only CASE --profile shows where the time goes.');
    process.exitCode = 1;
  }
}

function describe(finding: Finding): string {
  const { id, ratio, recorded, verdict } = finding;
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const before = recorded === undefined ? 'nothing is recorded' : `recorded ${percent(recorded)}`;
  const hint = verdict === 'outgrown' ? ' (faster than recorded: npm run bench:check -- --record)' : '';
  return `${isKept(finding) ? 'ok    ' : verdict.toUpperCase()} ${id}: ${percent(ratio)} of its floor, ${before}${hint}`;
}
