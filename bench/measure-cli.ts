/**
 * Wall time of the built command, from start to exit. Parameters: `bare` (Node alone), `version`, `list` or `run`.
 * The store holds a few trees; `run` runs the example `hello`, whose waiting is cut to 1 ms.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Figures, MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';

const root = resolve(import.meta.dirname, '..');
const coppice = join(root, 'packages/cli/bin/coppice.mjs');
const REPEATS = 9;
const STORED_TREES = 3;

export async function measureCli({ dir, parameters }: MeasurementContext): Promise<Figures> {
  if (!existsSync(join(root, 'packages/cli/dist/command'))) throw new Error('The command is not built: npm run build');
  const hello = join(dir, 'hello.coppice.yaml');
  const example = readFileSync(join(root, 'examples/hello/hello.coppice.yaml'), 'utf8');
  writeFileSync(hello, example.replace(/ms: \d+ms/, 'ms: 1ms'));
  const commands: Readonly<Record<string, readonly string[]>> = {
    bare: ['--eval', '0'],
    version: [coppice, '--version'],
    list: [coppice, 'tasks', 'list'],
    run: [coppice, 'run', hello],
  };
  const command = commands[parameters[0] ?? ''];
  if (command === undefined)
    throw new Error(`No command "${parameters[0]}"; there are ${Object.keys(commands).join(', ')}`);
  // Also fills the cache of compiled code, as the first call of any user does.
  for (let tree = 0; tree < STORED_TREES; tree++) wallMs(commands['run'] as readonly string[], dir);
  wallMs(command, dir);
  const bareTimes: number[] = [];
  const ownTimes: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    bareTimes.push(wallMs(commands['bare'] as readonly string[], dir));
    ownTimes.push(wallMs(command, dir));
  }
  const times = sorted(ownTimes);
  const p50Ms = quantile(times, 0.5);
  const beyondNodeMs = p50Ms - quantile(sorted(bareTimes), 0.5);
  return Promise.resolve({ p50Ms, minMs: times[0] ?? NaN, beyondNodeMs });
}

function wallMs(command: readonly string[], dir: string): number {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, command, {
    cwd: dir,
    env: { ...env, COPPICE_DATA_DIR: join(dir, 'data'), NO_COLOR: '1' },
    encoding: 'utf8',
  });
  const ms = performance.now() - startedMs;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with exit code ${status}: ${stderr}`);
  return ms;
}
