/**
 * A program that runs one tree until it is killed: `engine-process.fixture.ts DIR EXTENSION [TASKS]`, with TASKS as JSON.
 * It prints `tree <id>` or, without TASKS, `recovered <runs> <interrupted attempts>`; what else comes is printed by the executors.
 * Each line of its standard input is a signal to the tree, as JSON; once that is durable it prints `signalled`.
 */
import { createInterface } from 'node:readline';
import { createLocal, parseConfig } from '../index.ts';

const [dataDir, extension = '', tasks] = process.argv.slice(2);
const parsed = parseConfig({ dataDir, extensions: [extension] });
if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
const local = await createLocal(parsed.config, { builtIns: false });
const recovered = await local.start();
if (tasks === undefined) {
  const interrupted = recovered.reduce((sum, run) => sum + run.interrupted, 0);
  process.stdout.write(`recovered ${recovered.length} ${interrupted}\n`);
} else {
  const { treeId } = await local.call('tasks.execute', { tasks: JSON.parse(tasks) as [] });
  process.stdout.write(`tree ${treeId}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    await local.call('tasks.signal', { treeId, ...(JSON.parse(line) as { readonly name: string }) });
    process.stdout.write('signalled\n');
  }
}
