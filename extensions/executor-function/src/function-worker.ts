/**
 * Runs in the worker thread: imports the module, calls the function and posts what comes of it.
 * Imports types only: the thread has no part in how the main thread finds packages.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { pickFunction } from './pick-function.ts';
import type { WorkerCall, WorkerError, WorkerMessage } from './worker-protocol.ts';

const post = (message: WorkerMessage): void => parentPort?.postMessage(message);

const log =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (message: string, fields?: never): void =>
    post({ kind: 'log', level, message, fields });

function createContext({ ctx, startedAtMs }: WorkerCall): object {
  const origin = performance.now();
  return {
    ...ctx,
    nowMs: () => Math.round(startedAtMs + performance.now() - origin),
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    progress: (fraction: number, message?: string) => post({ kind: 'progress', fraction, message }),
    heartbeat: () => post({ kind: 'heartbeat' }),
    stream: (chunk: string | Uint8Array, name?: 'stdout' | 'stderr') => post({ kind: 'stream', chunk, name }),
  };
}

async function call(request: WorkerCall): Promise<WorkerMessage> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = (await import(request.url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { message } = toWorkerError(error);
    return failed({
      message: `failed while it was loaded: ${message}`,
      code: 'function/module-failed',
      retryable: false,
    });
  }
  const picked = pickFunction(exports, request.exportName);
  if ('problem' in picked)
    return failed({ message: picked.problem, code: 'function/export-not-found', retryable: false });
  return toCompleted(await picked.fn(request.args, createContext(request)));
}

/** The outcome's brand is a symbol, which does not cross threads. */
function toCompleted(returned: unknown): WorkerMessage {
  if (typeof returned === 'object' && returned !== null && Symbol.for('coppice.ExecutorOutcome') in returned) {
    const { output, port } = returned as { readonly output?: unknown; readonly port?: string };
    return { kind: 'completed', output, port, hasPort: true };
  }
  return { kind: 'completed', output: returned, hasPort: false };
}

function failed(error: WorkerError): WorkerMessage {
  return { kind: 'failed', error };
}

function toWorkerError(thrown: unknown): WorkerError {
  if (!(thrown instanceof Error)) return { message: `the function threw ${String(thrown)}` };
  const { code, retryable, fatal, retryAfterMs, data } = thrown as Partial<WorkerError>;
  const isOurs = Reflect.get(thrown, Symbol.for('coppice.ExecutorError')) === true;
  return {
    message: thrown.message || thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(isOurs && retryable !== undefined ? { retryable } : {}),
    ...(isOurs && fatal === true ? { fatal } : {}),
    ...(isOurs && retryAfterMs !== undefined ? { retryAfterMs } : {}),
    ...(isOurs && data !== undefined ? { data } : {}),
  };
}

try {
  // The catch below also gets what can not be posted, such as a function as the result.
  post(await call(workerData as WorkerCall));
} catch (error) {
  post(failed(toWorkerError(error)));
}
