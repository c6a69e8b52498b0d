import { join } from 'node:path';
import type { Witness } from '../witness.ts';
import type { Workload } from '../workload.ts';
import { importPeer, type Peer } from './peer.ts';

interface Queue {
  addMany(type: string, data: readonly unknown[]): unknown;
  close(): void;
}

interface Worker {
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface PlainjobModule {
  readonly better: (connection: unknown) => unknown;
  readonly defineQueue: (options: object) => Queue;
  readonly defineWorker: (
    type: string,
    work: (job: { readonly data: string }) => Promise<void>,
    options: object,
  ) => Worker;
}

interface Run {
  readonly witness: Witness;
  readonly unmet: readonly Map<string, number>[];
  readonly dependents: readonly Map<string, string[]>[];
  left: number;
  readonly ended: () => void;
}

const LOGGER = { error() {}, warn() {}, info() {}, debug() {} };
const TYPE = 'task';

export const plainjob: Peer = {
  name: 'plainjob',
  note: 'a queue in SQLite without dependencies: an ended job adds what it allowed; synchronous as shipped',
  async open(dir, workloadName) {
    const { default: Database } = await importPeer<{ readonly default: new (file: string) => unknown }>(
      'better-sqlite3',
    );
    const { better, defineQueue, defineWorker } = await importPeer<PlainjobModule>('plainjob');
    const queue = defineQueue({ connection: better(new Database(join(dir, 'plainjob.db'))), logger: LOGGER });
    let current: Run | undefined;
    const add = (tree: number, names: readonly string[]): unknown =>
      queue.addMany(
        TYPE,
        names.map((name) => ({ tree, name })),
      );
    const work = async (job: { readonly data: string }): Promise<void> => {
      const { tree, name } = JSON.parse(job.data) as { readonly tree: number; readonly name: string };
      const run = current as Run;
      await run.witness.execute(tree, name);
      const allowed = settle(run, tree, name);
      if (allowed.length > 0) add(tree, allowed);
      if (--run.left === 0) run.ended();
    };
    // A worker does one job at a time; more of them help only where tasks take time.
    const workers = Array.from({ length: workloadName === 'W5' ? 5 : 1 }, () =>
      defineWorker(TYPE, work, { queue, pollIntervall: 1, logger: LOGGER }),
    );
    for (const worker of workers) void worker.start();
    return {
      run: (workload, witness) =>
        new Promise((ended) => {
          current = newRun(workload, witness, ended);
          for (const [tree, tasks] of workload.trees.entries()) {
            add(
              tree,
              tasks.filter(({ dependencies }) => dependencies.length === 0).map(({ name }) => name),
            );
          }
        }),
      close: async () => {
        await Promise.all(workers.map((worker) => worker.stop()));
        queue.close();
      },
    };
  },
};

function newRun(workload: Workload, witness: Witness, ended: () => void): Run {
  const unmet = workload.trees.map((tasks) => new Map(tasks.map((task) => [task.name, task.dependencies.length])));
  const dependents = workload.trees.map((tasks) => {
    const byName = new Map<string, string[]>(tasks.map(({ name }) => [name, []]));
    for (const { name, dependencies } of tasks) for (const from of dependencies) byName.get(from)?.push(name);
    return byName;
  });
  const left = workload.trees.reduce((sum, tasks) => sum + tasks.length, 0);
  return { witness, unmet, dependents, left, ended };
}

/** The tasks that may run now that this one has ended. */
function settle({ unmet, dependents }: Run, tree: number, name: string): string[] {
  const counts = unmet[tree] as Map<string, number>;
  return (dependents[tree]?.get(name) ?? []).filter((dependent) => {
    const left = (counts.get(dependent) ?? 0) - 1;
    counts.set(dependent, left);
    return left === 0;
  });
}
