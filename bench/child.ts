/**
 * One measurement in a process of its own: `child.ts MEASUREMENT [PARAMETER…]` prints its figures as one line of JSON,
 * after a marker, because a measured program may print too. One that can be repeated is, for every line on the standard input.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RESULT_MARKER, type Figures } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';

const [name = '', ...parameters] = process.argv.slice(2);
const measure = MEASUREMENTS[name];
if (measure === undefined)
  throw new Error(`No measurement "${name}"; there are ${Object.keys(MEASUREMENTS).join(', ')}`);
const dir = await mkdtemp(join(process.env['COPPICE_BENCH_DIR'] ?? tmpdir(), 'coppice-bench-'));
try {
  const measured = measure({ dir, parameters });
  if ('next' in measured) await repeat(measured);
  else print(await measured);
} finally {
  await rm(dir, { recursive: true, force: true });
}
// A measured program may have left something open.
process.exit();

async function repeat(measured: AsyncGenerator<Figures, void>): Promise<void> {
  const again = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  do print((await measured.next()).value as Figures);
  while ((await again.next()).done !== true);
  await measured.return();
}

function print(figures: Figures): void {
  process.stdout.write(`\n${RESULT_MARKER}${JSON.stringify(figures)}\n`);
}
