/** The methods over the real engine, with a small tree to call them on. */
import type { Params, RpcError } from '@coppice/protocol';
import { bench } from './dispatcher.fixture.ts';
import type { Bench } from './dispatcher.fixture.ts';
import { realEngine } from './real-engine.fixture.ts';
import type { RealEngine } from './real-engine.fixture.ts';

type Tasks = Extract<Params<'tasks.create'>, { tasks: unknown }>['tasks'];

/** A root with two members; `second` waits for `first`. */
export const twoInOrder: Tasks = [
  { name: 'root' },
  { name: 'first', parentId: 'root', executor: 'echo', inputs: { text: 'a' } },
  { name: 'second', parentId: 'root', executor: 'echo', dependencies: ['first'] },
];

export interface MethodBench {
  readonly real: RealEngine;
  readonly rpc: Bench;
  /** Stores a tree and answers the ids of its tasks by name. */
  readonly stored: (tasks?: Tasks) => Promise<Record<string, string>>;
  /** The same for a tree whose root is called `root`, and that has run to its end. */
  readonly ran: (tasks?: Tasks) => Promise<Record<string, string>>;
}

export async function methodBench(): Promise<MethodBench> {
  const real = await realEngine();
  const rpc = bench(real.engine);
  async function stored(tasks: Tasks = twoInOrder): Promise<Record<string, string>> {
    const { treeId } = await rpc.result('tasks.create', { tasks });
    const records = await real.engine.index.listTasks(treeId as never);
    return Object.fromEntries(records.map(({ name, id }) => [name, id]));
  }
  return {
    real,
    rpc,
    stored,
    ran: async (tasks) => {
      const ids = await stored(tasks);
      await rpc.result('tasks.execute', { taskId: ids['root'] ?? '', wait: true });
      return ids;
    },
  };
}

/** The parts of an error in a fixed order, for snapshots. */
export function stable({ code, message, data: { errors, ...data } }: RpcError): unknown {
  return { code, message, data, ...(errors === undefined ? {} : { errors }) };
}
