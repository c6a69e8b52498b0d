/**
 * Runs every example the way its reader would and fails when one does not end well: `npm run examples`.
 *
 * An example is a folder of `examples/` with a definition `<folder>.coppice.yaml`, which `coppice run` executes,
 * or a program `main.ts`, or both. Each runs in its own folder with a fresh data directory.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const TIMEOUT_MS = 120_000;
const root = resolve(import.meta.dirname, '..');
const examples = join(root, 'examples');
const coppice = join(root, 'packages/cli/src/main.ts');

function listCommands(name: string): string[][] {
  const folder = join(examples, name);
  const definition = join(folder, `${name}.coppice.yaml`);
  const program = join(folder, 'main.ts');
  return [
    ...(existsSync(definition) ? [[coppice, 'run', definition]] : []),
    ...(existsSync(program) ? [[program]] : []),
  ];
}

function isPassing(name: string, args: string[]): boolean {
  const dataFolder = mkdtempSync(join(tmpdir(), 'coppice-example-'));
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--conditions=coppice-source', ...args], {
    cwd: join(examples, name),
    env: { ...process.env, COPPICE_DATA_DIR: dataFolder, NO_COLOR: '1' },
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  rmSync(dataFolder, { recursive: true, force: true });
  if (status !== 0) console.error(`${name}: ${signal ?? `exit code ${status}`}\n${stdout}${stderr}`);
  return status === 0;
}

const names = existsSync(examples)
  ? readdirSync(examples, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  : [];
let failedCount = 0;
for (const name of names.toSorted()) {
  const commands = listCommands(name);
  if (commands.length === 0) console.error(`${name}: neither ${name}.coppice.yaml nor main.ts`);
  const isGood = commands.length > 0 && commands.every((args) => isPassing(name, args));
  console.log(`${isGood ? 'ok    ' : 'FAILED'} examples/${name}`);
  if (!isGood) failedCount += 1;
}
console.log(`examples: ${names.length - failedCount} ran, ${failedCount} failed`);
if (failedCount > 0) process.exitCode = 1;
