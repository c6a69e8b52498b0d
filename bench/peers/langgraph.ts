/** LangGraph.js with its checkpointers in memory and in SQLite; durability `async`, its default. */
import { join } from 'node:path';
import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask, type Workload } from '../workload.ts';
import { importPeer, type Peer } from './peer.ts';

interface State {
  readonly tree: number;
  readonly name: string;
  /** Tasks of the tree that have ended. */
  readonly done: number;
}

interface Graph {
  addNode(name: string, run: (state: State) => Promise<{ readonly done: number }>): Graph;
  addEdge(from: string | readonly string[], to: string): Graph;
  addConditionalEdges(from: string, route: (state: State) => unknown, targets: readonly string[]): Graph;
  compile(options: { readonly checkpointer: unknown }): { invoke(input: object, options: object): Promise<unknown> };
}

interface LangGraphModule {
  readonly StateGraph: new (state: unknown) => Graph;
  readonly Annotation: ((options?: object) => unknown) & { Root(fields: object): unknown };
  readonly Send: new (node: string, state: object) => unknown;
  readonly START: string;
  readonly END: string;
  readonly MemorySaver: new () => unknown;
}

interface SqliteModule {
  readonly SqliteSaver: { fromConnString(file: string): unknown };
}

export const langGraphMemory = langGraph('memory');
export const langGraphSqlite = langGraph('sqlite');

function langGraph(store: 'memory' | 'sqlite'): Peer {
  return {
    name: `langgraph-${store}`,
    note: `state and writes of each step in ${store === 'sqlite' ? 'SQLite' : 'memory'}, durability "async"; a chain as one node that loops, W2 and W3 by Send`,
    async open(dir) {
      const module = await importPeer<LangGraphModule>('@langchain/langgraph');
      const checkpointer =
        store === 'memory'
          ? new module.MemorySaver()
          : (await importPeer<SqliteModule>('@langchain/langgraph-checkpoint-sqlite')).SqliteSaver.fromConnString(
              join(dir, 'langgraph.db'),
            );
      let runs = 0;
      return {
        run: async (workload, witness) => {
          const app = build(module, workload, witness).compile({ checkpointer });
          const run = ++runs;
          await inLanes(workload.trees.length, workload.treesAtOnce, (tree) =>
            app.invoke(
              { tree },
              {
                recursionLimit: 1_000_000,
                maxConcurrency: workload.concurrency,
                durability: 'async',
                configurable: { thread_id: `${run}-${tree}` },
              },
            ),
          );
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

function build(module: LangGraphModule, workload: Workload, witness: Witness): Graph {
  const { StateGraph, Annotation, Send, START, END } = module;
  const graph = new StateGraph(
    Annotation.Root({
      tree: Annotation(),
      done: Annotation({ reducer: (left: number, right: number) => left + right, default: () => 0 }),
    }),
  );
  const tasks = workload.trees[0] as readonly WorkTask[];
  const run = (name: string) => async (state: State) => ({ done: await witness.execute(state.tree, name) });
  if (workload.shape === 'fan') {
    const middle = tasks.slice(1, -1);
    return graph
      .addNode('first', run('first'))
      .addNode('middle', async ({ tree, name }) => ({ done: await witness.execute(tree, name) }))
      .addNode('last', run('last'))
      .addEdge(START, 'first')
      .addConditionalEdges('first', ({ tree }) => middle.map(({ name }) => new Send('middle', { tree, name })), [
        'middle',
      ])
      .addEdge('middle', 'last')
      .addEdge('last', END);
  }
  if (workload.shape === 'chain') {
    // One node that loops is ten times as fast as a node per task.
    const names = tasks.map(({ name }) => name);
    return graph
      .addNode('next', async ({ tree, done }) => ({ done: await witness.execute(tree, names[done] as string) }))
      .addEdge(START, 'next')
      .addConditionalEdges('next', ({ done }) => (done < names.length ? 'next' : END), ['next', END]);
  }
  const sources = new Set(tasks.flatMap(({ dependencies }) => dependencies));
  for (const { name } of tasks) graph.addNode(name, run(name));
  for (const { name, dependencies } of tasks) {
    const [only] = dependencies;
    if (only === undefined) graph.addEdge(START, name);
    else graph.addEdge(dependencies.length === 1 ? only : dependencies, name);
    if (!sources.has(name)) graph.addEdge(name, END);
  }
  return graph;
}
