/**
 * Tries the properties with values that nobody has tried: `npm run explore -- --minutes 10`. Each round runs all test files that state
 * properties with a seed of its own. The seed of a round that fails is printed, with the command that runs it again.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const root = resolve(import.meta.dirname, '..');
const files = globSync('{packages,extensions,tools,bench}/**/*.test.ts', {
  cwd: root,
  exclude: ['**/node_modules/**', '**/dist/**'],
}).filter((file) => readFileSync(resolve(root, file), 'utf8').includes(`from 'fast-check'`));

if (values.seed === undefined) runUntil(Date.now() + Number(values.minutes) * 60_000);
else runRound(Number(values.seed));

function runUntil(endMs: number): void {
  let rounds = 0;
  do {
    runRound(randomInt(2 ** 31));
    rounds++;
  } while (Date.now() < endMs);
  console.log(`${rounds} rounds of ${files.length} files: ${process.exitCode === 1 ? 'some failed' : 'all passed'}`);
}

function runRound(seed: number): void {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...files],
    { cwd: root, env: { ...process.env, COPPICE_PROPERTY_SEED: String(seed) }, encoding: 'utf8' },
  );
  if (status === 0) return;
  console.error(`${stdout}\nSeed ${seed} failed. Again: npm run explore -- --seed ${seed}`);
  process.exitCode = 1;
}
