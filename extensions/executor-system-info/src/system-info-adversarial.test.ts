/** What hostile or careless definitions make of `system-info`, and what it tells where the system says nothing. */
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testExecutor } from '@coppice/testkit';
import type { JsonObject } from '@coppice/extension';
import { describe, expect, it, vi } from 'vitest';
import { createSystemInfoExecutor } from './system-info-executor.ts';

const run = (inputs: JsonObject) => testExecutor(createSystemInfoExecutor(), { inputs });

describe('system-info', () => {
  it.each<[string, JsonObject]>([
    ['members of every object', { include: ['constructor'] }],
    ['its prototype', { include: ['__proto__'] }],
    ['nothing', { include: [] }],
    ['a section twice', { include: ['os', 'os'] }],
    ['a text', { include: 'os' }],
    ['a hundred thousand sections', { include: Array.from({ length: 100_000 }, () => 'os') }],
    ['an unknown input', { sections: ['os'] }],
  ])('refuses %s before it looks', async (_what, inputs) => {
    const { error } = await run(inputs);
    expect(error).toMatchObject({ code: 'task/invalid-inputs', retryable: false });
    expect(error?.message.length).toBeLessThan(10_000);
  });

  it('has its result also when it is aborted: it waits for nothing that could last', async () => {
    const attempt = run({ include: ['os'] });
    attempt.abort();
    expect((await attempt).output).toMatchObject({ os: {} });
  });

  it('tells nothing secret: no environment, no arguments', async () => {
    vi.stubEnv('SOME_PASSWORD', 'a-secret-value');
    const { output } = await run({});
    expect(JSON.stringify(output)).not.toContain('a-secret-value');
    vi.unstubAllEnvs();
  });

  it('says what is wrong when its working directory is gone, and tells the rest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coppice-info-'));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    await rmdir(folder);
    const { status, error } = await run({});
    expect(status).toBe('failed');
    expect(error).toMatchObject({ code: 'system-info/disk' });
    expect(error?.message).toContain(folder);
    expect((await run({ include: ['os', 'cpu', 'memory', 'load', 'process'] })).status).toBe('completed');
    vi.restoreAllMocks();
  });
});
