import { testExecutor } from '@coppice/testkit';
import { describe, expect, it } from 'vitest';
import { createDelayExecutor } from './delay-executor.ts';

describe('delay', () => {
  it('waits and answers the time asked for', async () => {
    const { status, output } = await testExecutor(createDelayExecutor(), { inputs: { ms: 1 } });
    expect({ status, output }).toEqual({ status: 'completed', output: { ms: 1 } });
  });

  it('ends at once when it is aborted (R-TO-06)', async () => {
    const attempt = testExecutor(createDelayExecutor(), { inputs: { ms: 2_000_000 } });
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
  });

  it('accepts its own example', async () => {
    const { example } = createDelayExecutor();
    const attempt = testExecutor(createDelayExecutor(), { inputs: example! });
    attempt.abort();
    expect((await attempt).status).toBe('cancelled');
  });

  it.each([
    [{}, "'ms' is required"],
    [{ ms: -1 }, 'must be >= 0'],
    [{ ms: 3_000_000_000 }, 'must be <= 2147483647'],
    [{ ms: 1, milliseconds: 1 }, "unknown property 'milliseconds'"],
  ])('refuses %o', async (inputs, reason) => {
    const { status, error } = await testExecutor(createDelayExecutor(), { inputs });
    expect(status).toBe('failed');
    expect(error).toMatchObject({ code: 'task/invalid-inputs', message: expect.stringContaining(reason) });
  });
});
