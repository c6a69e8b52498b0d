/**
 * A process that writes to a store until it is killed: `node writer-process.fixture.ts FILE`.
 * It prints `open`, then `<tree id> <acknowledged seq>` after each append.
 */
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
  acknowledge();
  await store.append([commanded(run, { type: 'execute' })]);
  acknowledge();
  for (const { id } of run.tasks.slice(1)) {
    await store.append([commanded(run, { type: 'start', taskIds: [id] })]);
    acknowledge();
    await store.append([commanded(run, { type: 'complete', taskId: id, attempt: 1, outcome: { output: id } })]);
    acknowledge();
  }

  function acknowledge(): void {
    process.stdout.write(`${run.treeId} ${run.seq}\n`);
  }
}
