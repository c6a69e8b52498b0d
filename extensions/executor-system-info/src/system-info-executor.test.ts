import os from 'node:os';
import { testExecutor } from '@coppice/testkit';
import { describe, expect, it } from 'vitest';
import { createSystemInfoExecutor } from './system-info-executor.ts';

describe('system-info', () => {
  it('tells everything by default', async () => {
    const { status, output } = await testExecutor(createSystemInfoExecutor());
    expect(status).toBe('completed');
    expect(output).toMatchObject({
      os: { platform: os.platform(), hostname: os.hostname() },
      cpu: { count: os.cpus().length },
      memory: { totalBytes: os.totalmem() },
      load: { oneMinute: expect.any(Number) },
      disk: { totalBytes: expect.any(Number), freeBytes: expect.any(Number) },
      process: { node: process.version, pid: process.pid },
    });
  });

  it('tells only what is asked for', async () => {
    const { output } = await testExecutor(createSystemInfoExecutor(), { inputs: { include: ['memory', 'os'] } });
    expect(Object.keys(output as object)).toEqual(['memory', 'os']);
  });

  it('refuses a section there is not', async () => {
    const { error } = await testExecutor(createSystemInfoExecutor(), { inputs: { include: ['gpu'] } });
    expect(error).toMatchObject({
      code: 'task/invalid-inputs',
      message: expect.stringContaining('must be one of "os", "cpu"'),
    });
  });
});
