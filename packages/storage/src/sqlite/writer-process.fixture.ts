/**
 * A process that writes to a store until it is killed: `node writer-process.fixture.ts FILE`.
 * It prints `open`, then `<tree id> <acknowledged seq>` after each append.
 */
import { once } from 'node:events';
import { SqliteStore } from './sqlite-store.ts';
import { commanded, createTree } from './run.fixture.ts';

const TASKS = 50;

const store = new SqliteStore({ file: process.argv[2] as string });
await store.open();
process.stdout.write('open\n');
for (let n = 0; ; n++) {
  const creation = createTree(`p${process.pid}-${n}`, TASKS);
  const { run } = creation;
  await store.append([creation]);
  await acknowledge();
  await store.append([commanded(run, { type: 'execute' })]);
  await acknowledge();
  for (const { id } of run.tasks.slice(1)) {
    await store.append([commanded(run, { type: 'start', taskIds: [id] })]);
    await acknowledge();
    await store.append([commanded(run, { type: 'complete', taskId: id, attempt: 1, outcome: { output: id } })]);
    await acknowledge();
  }

  /** An append ends within one turn of the event loop: without waiting, what a slow reader does not take would never be sent. */
  async function acknowledge(): Promise<void> {
    if (!process.stdout.write(`${run.treeId} ${run.seq}\n`)) await once(process.stdout, 'drain');
  }
}
