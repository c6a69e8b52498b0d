/**
 * Runs every example the way its reader would and fails when one does not end well: `npm run examples`.
 *
 * An example is a folder of `examples/` with a definition `<folder>.coppice.yaml`, which `coppice run` executes,
 * or a program `main.ts`, or both. Each runs in its own folder with a fresh data directory. What an example waits for is answered
 * from beside it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

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

/** What a reader types in a second terminal, by example: one command for each wait, in the order in which they begin. */
const ANSWERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'ci-matrix-with-approval': [['answer', '--approve']],
  'form-driven-report': [['answer', '--approve', '--set', 'topic=sales']],
  'press-time': [['signal', 'latest', 'press-time']],
  waits: [
    ['signal', 'latest', 'delivered', '--payload', '{parcel: 7}'],
    ['answer', '--approve'],
  ],
};

const node = ['--conditions=coppice-source'];

async function isPassing(name: string, args: string[]): Promise<boolean> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'coppice-example-'));
  const env = { ...process.env, COPPICE_DATA_DIR: dataFolder, NO_COLOR: '1' };
  const child = spawn(process.execPath, [...node, ...args], { cwd: join(examples, name), env, timeout: TIMEOUT_MS });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  const ended = once(child, 'close') as Promise<[status: number | null, signal: string | null]>;
  const isOpen = (): boolean => child.exitCode === null && child.signalCode === null;
  const answered = answerAll(ANSWERS[name] ?? [], { env, isOpen });
  const [status, signal] = await ended;
  await answered.catch((error: unknown) => (printed += String(error)));
  rmSync(dataFolder, { recursive: true, force: true });
  if (status !== 0) console.error(`${name}: ${signal ?? `exit code ${status}`}\n${printed}`);
  return status === 0;
}

interface Asked {
  readonly env: NodeJS.ProcessEnv;
  /** False: the example has ended. */
  readonly isOpen: () => boolean;
}

/** Gives each answer when the next wait has begun. */
async function answerAll(answers: readonly (readonly string[])[], { env, isOpen }: Asked): Promise<void> {
  const run = async (args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [...node, coppice, ...args], { env })).stdout;
  const seen = new Set<string>();
  for (const answer of answers) {
    for (let isNew = false; !isNew;) {
      if (!isOpen()) return;
      // Until the example has made its store there is nothing to ask.
      const text = await run(['waits', '--json']).catch(() => '{"items":[]}');
      const { items } = JSON.parse(text) as { readonly items: readonly { readonly taskId: string }[] };
      isNew = items.some(({ taskId }) => !seen.has(taskId));
      for (const { taskId } of items) seen.add(taskId);
      if (!isNew) await wait(200);
    }
    await run(answer);
  }
}

const names = existsSync(examples)
  ? readdirSync(examples, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  : [];
let failedCount = 0;
for (const name of names.toSorted()) {
  const commands = listCommands(name);
  if (commands.length === 0) console.error(`${name}: neither ${name}.coppice.yaml nor main.ts`);
  let isGood = commands.length > 0;
  for (const args of commands) isGood = (await isPassing(name, args)) && isGood;
  console.log(`${isGood ? 'ok    ' : 'FAILED'} examples/${name}`);
  if (!isGood) failedCount += 1;
}
console.log(`examples: ${names.length - failedCount} ran, ${failedCount} failed`);
if (failedCount > 0) process.exitCode = 1;
