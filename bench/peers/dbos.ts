/** DBOS Transact in the Postgres that PG_URL names, in a database of its own that is dropped afterwards. */
import type { Witness } from '../witness.ts';
import { inLanes, type WorkTask, type Workload } from '../workload.ts';
import { importPeer, type Peer } from './peer.ts';

interface DbosModule {
  readonly DBOS: {
    registerWorkflow(body: (tree: number) => Promise<void>, options: object): (tree: number) => Promise<void>;
    runStep(step: () => Promise<unknown>, options: object): Promise<unknown>;
    setConfig(config: object): void;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
  };
}

interface PgModule {
  readonly default: {
    readonly Client: new (url: string) => {
      connect(): Promise<void>;
      query(text: string): Promise<unknown>;
      end(): Promise<void>;
    };
  };
}

export const dbos: Peer = {
  name: 'dbos-postgres',
  note: 'one durable step per task in Postgres, synchronous_commit on',
  async open() {
    const postgres = process.env['PG_URL'];
    if (postgres === undefined) throw new Error('Set PG_URL to a Postgres in which databases may be created');
    const { DBOS } = await importPeer<DbosModule>('@dbos-inc/dbos-sdk');
    const { default: pg } = await importPeer<PgModule>('pg');
    const admin = new pg.Client(postgres);
    await admin.connect();
    const name = `bench_${process.pid}_${Date.now()}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(postgres);
    url.pathname = `/${name}`;
    let current: { readonly workload: Workload; readonly witness: Witness } | undefined;
    const runTree = DBOS.registerWorkflow(
      async (tree) => {
        const { workload, witness } = current as NonNullable<typeof current>;
        const step = (task: string): Promise<unknown> =>
          DBOS.runStep(() => witness.execute(tree, task), { name: task });
        await runGraph(workload.trees[tree] as readonly WorkTask[], workload.concurrency, step);
      },
      { name: 'tree' },
    );
    DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url.href, logLevel: 'error', systemDatabasePoolSize: 20 });
    await DBOS.launch();
    return {
      run: async (workload, witness) => {
        current = { workload, witness };
        await inLanes(workload.trees.length, workload.treesAtOnce, runTree);
      },
      close: async () => {
        await DBOS.shutdown();
        await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        await admin.end();
      },
    };
  },
};

/** Each task awaits its dependencies, and then a place. */
async function runGraph(
  tasks: readonly WorkTask[],
  concurrency: number,
  step: (name: string) => Promise<unknown>,
): Promise<void> {
  let free = concurrency;
  const waiting: (() => void)[] = [];
  const take = async (): Promise<void> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const give = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  const ends = new Map<string, Promise<void>>();
  for (const { name, dependencies } of tasks) {
    const before = dependencies.flatMap((dependency) => ends.get(dependency) ?? []);
    const end = async (): Promise<void> => {
      await Promise.all(before);
      await take();
      await step(name).finally(give);
    };
    ends.set(name, end());
  }
  await Promise.all(ends.values());
}
