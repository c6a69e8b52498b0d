/** Calls a function in a worker thread of its own and ends the thread on abort. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  outcome,
  FatalError,
  RetryableError,
  TerminalError,
  type ExecutorContext,
  type ExecutorOutcome,
} from '@coppice/extension';
import type { FunctionInput } from './function-input.ts';
import type { WorkerCall, WorkerError, WorkerMessage } from './worker-protocol.ts';

/** The worker's file lies beside this one, as source or built. */
const workerUrl = new URL(`./function-worker${extname(import.meta.filename)}`, import.meta.url);

export async function callInWorker(url: string, call: FunctionInput, ctx: ExecutorContext): Promise<unknown> {
  ctx.signal.throwIfAborted();
  const worker = startWorker(url, call, ctx);
  const terminate = (): void => void worker.terminate();
  ctx.signal.addEventListener('abort', terminate, { once: true });
  try {
    return await new Promise<unknown>((resolve, reject) => {
      worker.on('message', (message: WorkerMessage | null | undefined) => {
        // The function may post whatever it likes on the same port: what throws here would throw in this process, outside of any call.
        try {
          if (message?.kind === 'completed') resolve(toReturned(message));
          else if (message?.kind === 'failed') reject(toError(message.error, call));
          else if (message !== null && message !== undefined) report(message, ctx);
        } catch (error) {
          reject(toWorkerFault(error, call));
        }
      });
      worker.on('error', (error: unknown) => reject(toWorkerFault(error, call)));
      worker.once('exit', (exitCode) => {
        if (ctx.signal.aborted) reject(ctx.signal.reason);
        else
          reject(
            new RetryableError(`${name(call)} ended its thread (exit code ${exitCode}) before it returned`, {
              code: 'function/worker-exit',
            }),
          );
      });
    });
  } finally {
    ctx.signal.removeEventListener('abort', terminate);
    await worker.terminate();
  }
}

function startWorker(url: string, call: FunctionInput, ctx: ExecutorContext): Worker {
  const { treeId, taskId, taskName, attempt, orderKey, idempotencyKey, baseDir, dependencies } = ctx;
  const workerData: WorkerCall = {
    url,
    exportName: call.export ?? 'default',
    args: call.args ?? {},
    ctx: { treeId, taskId, taskName, attempt, orderKey, idempotencyKey, baseDir, dependencies },
    startedAtMs: ctx.nowMs(),
  };
  const worker = new Worker(workerUrl, {
    workerData,
    stdout: true,
    stderr: true,
    resourceLimits: { ...call.resourceLimits },
  });
  // What it prints must not mix with what this process prints: that may be a protocol.
  worker.stdout.on('data', (chunk: Uint8Array) => ctx.stream(chunk, 'stdout'));
  worker.stderr.on('data', (chunk: Uint8Array) => ctx.stream(chunk, 'stderr'));
  return worker;
}

function report(message: Exclude<WorkerMessage, { kind: 'completed' | 'failed' }>, ctx: ExecutorContext): void {
  switch (message.kind) {
    case 'progress':
      ctx.progress(message.fraction, message.message);
      return;
    case 'heartbeat':
      ctx.heartbeat();
      return;
    case 'stream':
      ctx.stream(message.chunk, message.name);
      return;
    case 'log':
      ctx.logger[message.level](message.message, message.fields);
  }
}

function toReturned(message: Extract<WorkerMessage, { kind: 'completed' }>): unknown {
  if (!message.hasPort) return message.output;
  const { output, port } = message;
  return outcome({ output: output as ExecutorOutcome['output'], ...(port === undefined ? {} : { port }) });
}

function toError({ message, retryable, fatal, ...options }: WorkerError, call: FunctionInput): Error {
  if (retryable === undefined) return Object.assign(new Error(message), options);
  if (options.code?.startsWith('function/') === true)
    return new TerminalError(`Module "${call.module}" ${message}`, options);
  if (fatal === true) return new FatalError(message, options);
  return retryable ? new RetryableError(message, options) : new TerminalError(message, options);
}

function toWorkerFault(error: unknown, call: FunctionInput): RetryableError {
  // A thread can end by throwing anything, also null.
  const { code, message }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new RetryableError(
      `${name(call)} used more memory than its thread may; raise "resourceLimits.maxOldGenerationSizeMb"`,
      {
        code: 'function/out-of-memory',
        cause: error,
      },
    );
  }
  return new RetryableError(`${name(call)} failed outside its call: ${message}`, {
    code: 'function/worker-failed',
    cause: error,
  });
}

function name(call: FunctionInput): string {
  return `Function "${call.export ?? 'default'}" of module "${call.module}"`;
}
