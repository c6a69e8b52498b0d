import { inLanes, type WorkTask } from '../workload.ts';
import { importPeer, type Peer } from './peer.ts';

interface PGraphModule {
  readonly PGraph: new (
    tasks: ReadonlyMap<string, { readonly run: () => Promise<unknown> }>,
    edges: readonly (readonly [string, string])[],
  ) => { run(options: { readonly concurrency: number }): Promise<void> };
}

export const pGraph: Peer = {
  name: 'p-graph',
  note: 'runs graphs of functions; no state, no events, nothing survives',
  async open() {
    const { PGraph } = await importPeer<PGraphModule>('p-graph');
    return {
      run: (workload, witness) =>
        inLanes(workload.trees.length, workload.treesAtOnce, (index) => {
          const tasks = workload.trees[index] as readonly WorkTask[];
          const functions = new Map(tasks.map(({ name }) => [name, { run: () => witness.execute(index, name) }]));
          const edges = tasks.flatMap(({ name, dependencies }) => dependencies.map((from) => [from, name] as const));
          return new PGraph(functions, edges).run({ concurrency: workload.concurrency });
        }),
      close: () => Promise.resolve(),
    };
  },
};
