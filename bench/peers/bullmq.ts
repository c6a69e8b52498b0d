/** BullMQ's flows on a Redis of its own (append-only file, synced each second), or on the one that REDIS_URL names. */
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import type { Witness } from '../witness.ts';
import type { WorkTask, Workload } from '../workload.ts';
import { importPeer, type Peer } from './peer.ts';

interface FlowJob {
  readonly name: string;
  readonly queueName: string;
  readonly data: JobData;
  readonly children?: readonly FlowJob[];
}

interface JobData {
  readonly tree: number;
  readonly name: string;
  /** The first task of a fan adds the others when it has ended. */
  readonly isFirst?: boolean;
  readonly isLast?: boolean;
}

interface BullModule {
  readonly FlowProducer: new (options: object) => {
    add(job: FlowJob): Promise<unknown>;
    addBulk(jobs: readonly FlowJob[]): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    queue: string,
    work: (job: { readonly data: JobData }) => Promise<unknown>,
    options: object,
  ) => { waitUntilReady(): Promise<unknown>; close(): Promise<void> };
}

interface RedisModule {
  readonly default: new (
    url: string,
    options: object,
  ) => {
    once(event: 'ready', listener: () => void): void;
    on(event: 'error', listener: () => void): void;
    disconnect(): void;
  };
}

interface Run {
  readonly workload: Workload;
  readonly witness: Witness;
  readonly ended: () => void;
  left: number;
}

const QUEUE = 'tasks';

export const bullmq: Peer = {
  name: 'bullmq-redis',
  note: 'flows on Redis, append-only file synced each second; a job has one parent, so W4 can not be expressed',
  async open(dir) {
    const { FlowProducer, Worker } = await importPeer<BullModule>('bullmq');
    const { default: Redis } = await importPeer<RedisModule>('ioredis');
    const server = process.env['REDIS_URL'] === undefined ? await startRedis(dir) : undefined;
    const connection = new Redis(server?.url ?? (process.env['REDIS_URL'] as string), { maxRetriesPerRequest: null });
    connection.on('error', () => {});
    await new Promise<void>((resolve) => connection.once('ready', resolve));
    const flows = new FlowProducer({ connection });
    let current: Run | undefined;
    const work = async ({ data }: { readonly data: JobData }): Promise<number> => {
      const run = current as Run;
      const output = await run.witness.execute(data.tree, data.name);
      if (data.isFirst === true) await flows.add(restOf(run.workload, data.tree));
      if (data.isLast === true && --run.left === 0) run.ended();
      return output;
    };
    const worker = new Worker(QUEUE, work, { connection, concurrency: 100 });
    await worker.waitUntilReady();
    return {
      run: (workload, witness) =>
        new Promise((ended, reject) => {
          const jobs = workload.trees.flatMap((tasks, tree) => flowOf(workload, tree, tasks));
          current = {
            workload,
            witness,
            ended,
            left: workload.shape === 'independent' ? jobs.length : workload.trees.length,
          };
          flows.addBulk(jobs).catch(reject);
        }),
      close: async () => {
        await worker.close();
        await flows.close();
        connection.disconnect();
        server?.stop();
      },
    };
  },
};

/** Children run before their parent: the last task is on top. */
function flowOf(workload: Workload, tree: number, tasks: readonly WorkTask[]): FlowJob[] {
  switch (workload.shape) {
    case 'fan':
      return [job({ tree, name: 'first', isFirst: true })];
    case 'independent':
      return tasks.map(({ name }) => job({ tree, name, isLast: true }));
    case 'chain': {
      let top: FlowJob | undefined;
      for (const task of tasks) {
        const data = { tree, name: task.name, isLast: task === tasks.at(-1) };
        top = job(data, top === undefined ? undefined : [top]);
      }
      return top === undefined ? [] : [top];
    }
    case 'layers':
      throw new Error('A job of a flow has one parent: layers with several dependencies can not be expressed');
  }
}

function restOf(workload: Workload, tree: number): FlowJob {
  const tasks = workload.trees[tree] as readonly WorkTask[];
  const middle = tasks.slice(1, -1).map(({ name }) => job({ tree, name }));
  return job({ tree, name: 'last', isLast: true }, middle);
}

function job(data: JobData, children?: readonly FlowJob[]): FlowJob {
  return { name: data.name, queueName: QUEUE, data, ...(children === undefined ? {} : { children }) };
}

async function startRedis(dir: string): Promise<{ readonly url: string; readonly stop: () => void }> {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
  const server = spawn('redis-server', [...options, '--appendfsync', 'everysec'], { stdio: 'ignore' });
  await new Promise<void>((resolve, reject) => {
    server.once('spawn', resolve);
    server.once('error', () => reject(new Error('redis-server is not installed; install it or set REDIS_URL')));
  });
  const stop = (): void => void server.kill('SIGKILL');
  process.once('exit', stop);
  return { url: `redis://127.0.0.1:${port}`, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
