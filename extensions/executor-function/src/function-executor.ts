/**
 * The executor `function`: calls a function that a module exports, as `fn(args, ctx)`, and answers what it returns.
 *
 * In this process (default) the function sees the whole context; it must watch `ctx.signal` to be cancellable. In a worker
 * thread it can be ended at any point, and sees the part of the context that can cross threads.
 */
import { resolve } from 'node:path';
import { TerminalError, type Executor, type ExecutorContext } from '@coppice/extension';
import { functionInputSchema, type FunctionInput } from './function-input.ts';
import { createLocateModule } from './locate-module.ts';
import { pickFunction } from './pick-function.ts';
import { callInWorker } from './worker-call.ts';

export function createFunctionExecutor(): Executor {
  const locate = createLocateModule();
  return {
    type: 'function',
    description: 'Calls an exported function of a JavaScript or TypeScript module.',
    effects: 'external',
    onCrash: 'retry',
    ports: 'dynamic',
    actsAsServer: true,
    input: functionInputSchema,
    example: { module: './tasks/report.ts', export: 'summarize', args: { top: 10 } },
    async execute(input, ctx) {
      const given = input as unknown as FunctionInput;
      const call = { ...given, baseDir: resolve(ctx.baseDir, given.baseDir ?? '.') };
      const url = locate(call);
      return call.worker === true ? callInWorker(url, call, ctx) : callHere(url, call, ctx);
    },
  };
}

async function callHere(url: string, call: FunctionInput, ctx: ExecutorContext): Promise<unknown> {
  const picked = pickFunction(await importModule(url, call.module), call.export ?? 'default');
  if ('problem' in picked) {
    throw new TerminalError(`Module "${call.module}" ${picked.problem}`, { code: 'function/export-not-found' });
  }
  return picked.fn(call.args ?? {}, ctx);
}

/** Node.js remembers a failed import, so trying again in this process is pointless. */
async function importModule(url: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new TerminalError(
      `Module "${name}" failed while it was loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        code: 'function/module-failed',
        cause,
      },
    );
  }
}
