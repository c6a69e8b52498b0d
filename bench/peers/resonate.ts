import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask, type Workload } from '../workload.ts';
import { layersOf } from './effect.ts';
import { importPeer, type Peer } from './peer.ts';

interface Context {
  run(work: () => Promise<unknown>): Promise<unknown>;
}

interface ResonateModule {
  readonly Resonate: new (options: { readonly logLevel: string }) => {
    register(
      name: string,
      body: (context: Context, tree: number) => Promise<number>,
    ): { run(id: string, tree: number): Promise<{ result(): Promise<unknown> }> };
    stop?(): unknown;
  };
}

export const resonateLocal: Peer = {
  name: 'resonate-local',
  note: 'its network in memory, nothing survives; no graphs: layers, and groups as large as the concurrency',
  async open() {
    const { Resonate } = await importPeer<ResonateModule>('@resonatehq/sdk/async');
    const resonate = new Resonate({ logLevel: 'error' });
    let current: { readonly workload: Workload; readonly witness: Witness } | undefined;
    const flow = resonate.register('tree', async (context, tree) => {
      const { workload, witness } = current as NonNullable<typeof current>;
      const tasks = workload.trees[tree] as readonly WorkTask[];
      for (const group of groupsOf(workload, tasks)) {
        for (let at = 0; at < group.length; at += workload.concurrency) {
          const together = group.slice(at, at + workload.concurrency);
          await Promise.all(together.map(({ name }) => context.run(() => witness.execute(tree, name))));
        }
      }
      return 1;
    });
    let runs = 0;
    return {
      run: async (workload, witness) => {
        current = { workload, witness };
        const run = ++runs;
        await inLanes(workload.trees.length, workload.treesAtOnce, async (tree) => {
          const handle = await flow.run(`${run}-${tree}`, tree);
          await handle.result();
        });
      },
      close: async () => void (await resonate.stop?.()),
    };
  },
};

function groupsOf({ shape }: Workload, tasks: readonly WorkTask[]): readonly (readonly WorkTask[])[] {
  if (shape === 'chain') return tasks.map((task) => [task]);
  if (shape === 'fan') return [tasks.slice(0, 1), tasks.slice(1, -1), tasks.slice(-1)];
  return shape === 'layers' ? layersOf(tasks) : [tasks];
}
