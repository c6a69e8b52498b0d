/** Requests per second of a server in another process. Parameters: `bare` or `coppice`; `single`, `batch` or `web-socket`; length in ms (default 3000). */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { countOf, type Figures, type MeasurementContext } from './measurement.ts';
import { quantile, sorted } from './quantile.ts';
import { BATCH_SIZE, load, type LoadKind } from './rpc/load.ts';
import type { ServerAddress } from './rpc/server-process.ts';

const MEASURED_MS = 3_000;
const KINDS: readonly LoadKind[] = ['single', 'batch', 'web-socket'];

export async function measureRpc({ dir, parameters }: MeasurementContext): Promise<Figures> {
  const [server = '', word = ''] = parameters;
  const kind = KINDS.find((each) => each === word);
  if (kind === undefined) throw new Error(`No kind of load "${word}"; there are ${KINDS.join(', ')}`);
  const serverProcess = fork(join(import.meta.dirname, 'rpc/server-process.ts'), [server, dir]);
  try {
    const listening = await message<ServerAddress>(serverProcess);
    let processorUs = 0;
    const { latenciesMs, elapsedMs } = await load(listening, kind, {
      measuredMs: parameters[2] === undefined ? MEASURED_MS : countOf(parameters, 2),
      began: async () => {
        processorUs -= await processorTime(serverProcess);
      },
      ended: async () => {
        processorUs += await processorTime(serverProcess);
      },
    });
    const requests = latenciesMs.length * (kind === 'batch' ? BATCH_SIZE : 1);
    const ordered = sorted(latenciesMs);
    return {
      requestsPerSecond: (requests / elapsedMs) * 1000,
      p50Ms: quantile(ordered, 0.5),
      p99Ms: quantile(ordered, 0.99),
      serverUsPerRequest: processorUs / requests,
    };
  } finally {
    serverProcess.kill('SIGKILL');
  }
}

async function processorTime(serverProcess: ChildProcess): Promise<number> {
  serverProcess.send('processor time');
  return (await message<{ readonly processorUs: number }>(serverProcess)).processorUs;
}

async function message<T>(serverProcess: ChildProcess): Promise<T> {
  const ended = once(serverProcess, 'exit').then(([code]) => {
    throw new Error(`The server ended with exit code ${code}`);
  });
  const [value] = (await Promise.race([once(serverProcess, 'message'), ended])) as [T];
  return value;
}
