import { outcome, RetryableError, type Executor, type ExecutorContext, type JsonObject } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { testExecutor, type ExecutorTestOptions } from './executor-harness.ts';

function run(execute: Executor['execute'], more: Partial<Executor> = {}, options: ExecutorTestOptions = {}) {
  return testExecutor({ type: 'sample', description: '', effects: 'pure', execute, ...more }, options);
}

const inputSchema = {
  type: 'object',
  properties: { url: { type: 'string' } },
  required: ['url'],
  additionalProperties: false,
} as const satisfies JsonObject;

describe('testExecutor', () => {
  it('answers output and port', async () => {
    expect(await run(() => ({ a: 1 }))).toMatchObject({ status: 'completed', output: { a: 1 } });
    expect(await run(() => undefined)).toMatchObject({ status: 'completed', output: null });
    expect(await run(() => outcome({ output: 1, port: 'left' }), { ports: ['left'] })).toMatchObject({
      output: 1,
      port: 'left',
    });
  });

  it('refuses inputs that violate the schema, before the executor is called', async () => {
    const { status, error } = await run(() => expect.unreachable(), { input: inputSchema }, { inputs: { ulr: 'x' } });
    expect(status).toBe('failed');
    expect(error).toMatchObject({
      code: 'task/invalid-inputs',
      message: `Inputs of executor "sample" violate its schema: url: 'url' is required; ulr: unknown property 'ulr'; did you mean 'url'?`,
    });
  });

  it('supplies dependencies as inputs under their names, as far as the schema knows them', async () => {
    const dependencies = { url: 'from a dependency', other: 1 };
    const { output } = await run((input, ctx) => [input, ctx.dependencies], { input: inputSchema }, { dependencies });
    expect(output).toEqual([{ url: 'from a dependency' }, dependencies]);
  });

  it('refuses outputs that violate the schema or are no JSON, and ports that are not declared', async () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect((await run(() => 'x', { output: { type: 'number' } })).error).toMatchObject({
      code: 'executor/invalid-output',
      retryable: false,
    });
    expect((await run(() => cyclic)).error).toMatchObject({ code: 'executor/invalid-output' });
    expect((await run(() => 1n)).error).toMatchObject({ code: 'executor/invalid-output' });
    expect((await run(() => outcome({ output: 1, port: 'left' }), { ports: ['right'] })).error).toMatchObject({
      code: 'executor/unknown-port',
    });
  });

  it('finds out an executor that changes its inputs (R-SC-05)', async () => {
    const { status, error } = await run(
      (input) => {
        (input['list'] as unknown as number[]).push(2);
      },
      {},
      { inputs: { list: [1] } },
    );
    expect(status).toBe('failed');
    expect(error?.message).toContain('not extensible');
  });

  it('keeps the error that was thrown', async () => {
    const { status, error } = await run(() => {
      throw new RetryableError('busy', { code: 'sample/busy', retryAfterMs: 5 });
    });
    expect({ status, error }).toEqual({
      status: 'failed',
      error: { code: 'sample/busy', message: 'busy', retryable: true, retryAfterMs: 5 },
    });
  });

  it('records logs, progress, heartbeats and recorded values', async () => {
    const result = await run(
      async (_, ctx) => {
        ctx.logger.warn('careful', { at: 1 });
        ctx.progress(0.5);
        ctx.progress(1, 'done');
        ctx.heartbeat();
        return [
          await ctx.record('old', () => 'not called'),
          await ctx.record('new', () => 2),
          await ctx.record('new', () => 3),
        ];
      },
      {},
      { recorded: { old: 1 }, attempt: 2 },
    );
    expect(result).toMatchObject({
      output: [1, 2, 2],
      logs: [{ level: 'warn', message: 'careful', fields: { at: 1 } }],
      progress: [{ fraction: 0.5 }, { fraction: 1, message: 'done' }],
      heartbeats: 1,
      recorded: { old: 1, new: 2 },
    });
  });

  it('draws the same numbers for the same seed and attempt (R-DR-02)', async () => {
    const draw = (_: JsonObject, ctx: ExecutorContext) => [ctx.random.next(), ctx.random.integer(1000)];
    const first = await run(draw);
    expect((await run(draw)).output).toEqual(first.output);
    expect((await run(draw, {}, { attempt: 2 })).output).not.toEqual(first.output);
    expect((await run(draw, {}, { seed: 'other' })).output).not.toEqual(first.output);
  });

  it('moves the clock by hand', async () => {
    const attempt = run(async (_, ctx) => {
      const startMs = ctx.nowMs();
      ctx.heartbeat();
      await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', resolve));
      return ctx.nowMs() - startMs;
    });
    await attempt.until(({ heartbeats }) => heartbeats === 1);
    attempt.clock.advance(5000);
    attempt.abort();
    expect((await attempt).output).toBe(5000);
  });

  it('aborts a real signal, then calls cancel; what is thrown then means cancelled', async () => {
    const cancelled: unknown[] = [];
    const attempt = run(
      (_, ctx) =>
        new Promise((_resolve, reject) =>
          (ctx.signal as AbortSignal).addEventListener('abort', () => reject(ctx.signal.reason)),
        ),
      { cancel: (info) => void cancelled.push(info) },
    );
    attempt.abort(new Error('time-out'));
    expect(await attempt).toMatchObject({ status: 'cancelled', output: null, error: { message: 'time-out' } });
    expect(cancelled).toEqual([{ treeId: 'tree', taskId: 'task', attempt: 1 }]);
  });
});
