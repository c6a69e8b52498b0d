/**
 * One measurement in a process of its own: `child.ts MEASUREMENT [PARAMETER…]` prints its figures as one line of JSON,
 * after a marker, because a measured program may print too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESULT_MARKER } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';

const [name = '', ...parameters] = process.argv.slice(2);
const measure = MEASUREMENTS[name];
if (measure === undefined)
  throw new Error(`No measurement "${name}"; there are ${Object.keys(MEASUREMENTS).join(', ')}`);
const dir = await mkdtemp(join(process.env['COPPICE_BENCH_DIR'] ?? tmpdir(), 'coppice-bench-'));
try {
  const figures = await measure({ dir, parameters });
  process.stdout.write(`\n${RESULT_MARKER}${JSON.stringify(figures)}\n`);
} finally {
  await rm(dir, { recursive: true, force: true });
}
// A measured program may have left something open.
process.exit();
