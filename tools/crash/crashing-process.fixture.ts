/**
 * A process that runs the crash test's tree to its end, if it is let: `node crashing-process.fixture.ts DATABASE EFFECTS OBSERVED`.
 * It prints `ready` when it has recovered and begun to admit, `ended <status>` at the end. Its executor's outside system is a file
 * of effects, one line `<idempotency key> <task>` each, which takes every key once. Its observer writes the number of each event to OBSERVED.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Executor, TaskId } from '@coppice/core';
import { createEngine, type ExtensionRegistry } from '@coppice/engine';
import { SqliteStore } from '@coppice/storage';
import { CRASH_TREE_ID, crashTree } from './crash-tree.fixture.ts';

const [databaseFile = '', effectFile = '', observedFile = ''] = process.argv.slice(2);

function hasEffect(key: string): boolean {
  return existsSync(effectFile) && readFileSync(effectFile, 'utf8').includes(`${key} `);
}

const effect: Executor = {
  type: 'effect',
  description: 'Has its effect once per idempotency key',
  effects: 'external',
  onCrash: 'retry',
  async execute(_input, ctx) {
    // Killed before the effect, between effect and result, or between result and commit.
    await delay(1 + ctx.random.integer(12));
    const isDone = hasEffect(ctx.idempotencyKey);
    if (!isDone) appendFileSync(effectFile, `${ctx.idempotencyKey} ${ctx.taskId}\n`);
    await delay(1 + ctx.random.integer(12));
    return { repeated: isDone };
  },
};

const registry: ExtensionRegistry = {
  extensions: [],
  findExecutor: (type) => (type === effect.type ? effect : undefined),
  listExecutors: () => [effect],
  listHooks: () => [],
  listObservers: () => [{ name: 'witness', observe: (_treeId, { seq }) => appendFileSync(observedFile, `${seq}\n`) }],
  backoffs: new Map(),
  merges: new Map(),
  signalHandlers: new Map(),
};

const store = new SqliteStore({ file: databaseFile });
const engine = createEngine({
  store,
  registry,
  limits: { global: 3 },
  snapshotEvery: 50,
});
await engine.start();
const created = await engine.create({ tasks: crashTree() }, { userId: 'test', idempotencyKey: 'once' });
if (!created.ok) throw new Error(created.rejection.message);
await engine.execute(CRASH_TREE_ID as TaskId);
process.stdout.write('ready\n');
const status = await engine.settled(created.value);
while ((await store.listBehind('witness')).length > 0) await delay(1);
process.stdout.write(`ended ${status}\n`);
await engine.stop();
