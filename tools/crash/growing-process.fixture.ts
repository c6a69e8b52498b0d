/**
 * A process that runs the growing tree to its end, if it is let: `node growing-process.fixture.ts DATABASE EFFECTS REPEATED`. It prints
 * `ready` when it has begun to admit, `ended <status>` at the end. EFFECTS takes every idempotency key once, one line `<key> <task>` each;
 * REPEATED gets a line for each call that found its effect done. Meanwhile it answers what waits, some of it twice, and pauses the tree.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { outcome, type Executor, type ExecutorContext } from '@coppice/core';
import { createEngine, type ExtensionRegistry } from '@coppice/engine';
import { SqliteStore } from '@coppice/storage';
import { GROWING_TREE, GROWING_TREE_ID, PLANNED } from './growing-tree.fixture.ts';

const [databaseFile = '', effectFile = '', repeatedFile = ''] = process.argv.slice(2);
const CLERK = { userId: 'test', face: 'rpc' } as const;

/** Killed before the effect, between effect and result, or between result and commit. */
async function haveEffect({ idempotencyKey, taskId, random }: ExecutorContext): Promise<void> {
  await delay(1 + random.integer(10));
  const isDone = existsSync(effectFile) && readFileSync(effectFile, 'utf8').includes(`${idempotencyKey} `);
  appendFileSync(isDone ? repeatedFile : effectFile, `${idempotencyKey} ${taskId}\n`);
  await delay(1 + random.integer(10));
}

const executors: readonly Executor[] = [
  {
    type: 'effect',
    description: 'Has its effect once per idempotency key',
    effects: 'external',
    async execute(_input, ctx) {
      await haveEffect(ctx);
      return { of: ctx.taskName };
    },
  },
  {
    type: 'planner',
    description: 'Adds tasks that have effects',
    effects: 'external',
    async execute(_input, ctx) {
      await haveEffect(ctx);
      const tasks = Array.from({ length: PLANNED }, (_, at) => ({
        name: `step${at}`,
        executor: 'effect',
        dependencies: at === 0 ? [] : [`step${at - 1}`],
        set: { total: 100 },
      }));
      return outcome({ output: null, tasks });
    },
  },
];

const registry: ExtensionRegistry = {
  extensions: [],
  findExecutor: (type) => executors.find((each) => each.type === type),
  listExecutors: () => executors,
  listHooks: () => [],
  listObservers: () => [],
  backoffs: new Map(),
  merges: new Map(),
  signalHandlers: new Map(),
};

const engine = createEngine({
  store: new SqliteStore({ file: databaseFile }),
  registry,
  limits: { global: 3 },
  snapshotEvery: 40,
});
await engine.start();
const created = await engine.create(GROWING_TREE, { userId: CLERK.userId, idempotencyKey: 'once' });
if (!created.ok) throw new Error(created.rejection.message);
await engine.execute(GROWING_TREE_ID);
process.stdout.write('ready\n');
let hasEnded = false;
const people = [answer(), pauseNowAndThen()];
const status = await engine.settled(created.value);
hasEnded = true;
await Promise.all(people);
process.stdout.write(`ended ${status}\n`);
await engine.stop();

async function answer(): Promise<void> {
  for (let turn = 0; !hasEnded; turn++) {
    await delay(7);
    const waits = await engine.waits();
    const wait = waits[turn % Math.max(waits.length, 1)];
    if (wait?.kind === 'signal') await engine.signal(wait.treeId, { name: wait.signal, payload: 'signed', id: 'one' });
    if (wait?.kind !== 'approval') continue;
    const approved = Number(/\d+/.exec(wait.name)) % 3 > 0;
    const give = () => engine.answer(wait.taskId, { approved, actor: CLERK, isAdmin: false });
    const answers = await Promise.all(turn % 2 === 0 ? [give(), give()] : [give()]);
    if (answers.filter(({ ok }) => ok).length > 1) throw new Error(`${wait.name} has taken two answers`);
  }
}

async function pauseNowAndThen(): Promise<void> {
  // The process before may have been killed while it was paused.
  for (let turn = 0; !hasEnded; turn++) {
    await delay(40);
    if (turn % 3 === 1) await engine.pause(GROWING_TREE_ID, { drainTimeoutMs: turn % 2 === 0 ? 0 : undefined });
    else await engine.resume(GROWING_TREE_ID);
  }
}
