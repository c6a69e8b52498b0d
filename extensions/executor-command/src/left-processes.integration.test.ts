/** What is found of an attempt after a crash, and what is left alone. The crash itself is tested with the whole command. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutorContext, Json } from '@coppice/extension';
import { afterEach, describe, expect, it } from 'vitest';
import { LeftProcesses } from './left-processes.ts';
import { findProcess, identityOf, type ProcessEntry } from './process-table.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Sleeper {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

const GONE = '1 a boot that was never';

/** A program as the executor starts it. `owner`: who is said to have started it. */
function sleeper(owner: string, attempt = 1): Sleeper {
  const env = { PATH: process.env['PATH'], COPPICE_TREE_ID: 'tree', COPPICE_TASK_ID: 'task' };
  const child = spawn('sleep', ['100'], {
    env: { ...env, COPPICE_ATTEMPT: String(attempt), COPPICE_OWNER: owner },
    detached: true,
    stdio: 'ignore',
  });
  children.push(child);
  return { child, ended: once(child, 'exit') };
}

function context(recorded: Readonly<Record<string, Json>>): { readonly ctx: ExecutorContext; readonly said: string[] } {
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const ctx = {
    treeId: 'tree',
    taskId: 'task',
    attempt: 1,
    signal: new AbortController().signal,
    logger: { warn: say, error: say },
    record: async (key: string, fn: () => Promise<Json>) => recorded[key] ?? fn(),
  };
  return { ctx: ctx as unknown as ExecutorContext, said };
}

function recordOf(child: ChildProcess, owner: string): Readonly<Record<string, Json>> {
  const { pid, started } = findProcess(child.pid as number) as ProcessEntry;
  return { 'process of attempt 1': { pid, started, owner } };
}

const linux = process.platform === 'linux';

describe.runIf(linux)('what a killed process left of an attempt', () => {
  it('is found by its environment when there was no time to record it, and ended', async () => {
    const { ended } = sleeper(GONE);
    const { ctx, said } = context({});
    await new LeftProcesses().end({ command: 'sleep' }, ctx);
    await ended;
    expect(said).toEqual([expect.stringContaining('(1 running); it is ended')]);
  });

  it('is found by its record when it has another environment', async () => {
    const { child, ended } = sleeper(GONE, 77);
    const { ctx, said } = context(recordOf(child, GONE));
    await new LeftProcesses().end({ command: 'sleep' }, ctx);
    await ended;
    expect(said).toHaveLength(1);
  });

  it('is left alone when it belongs to another attempt, when its owner still runs, or when it is a later process with the same number', async () => {
    const self = identityOf(findProcess(process.pid) as never);
    const [other, owned, later] = [sleeper(GONE, 2), sleeper(self), sleeper(self, 3)];
    const record = recordOf(later.child, GONE)['process of attempt 1'] as { readonly started: string };
    for (const recorded of [
      recordOf(owned.child, self),
      { 'process of attempt 1': { ...record, started: 'earlier' } },
    ]) {
      const { ctx, said } = context(recorded);
      await new LeftProcesses().end({ command: 'sleep' }, ctx);
      expect(said).toEqual([]);
    }
    for (const { child } of [other, owned, later]) expect(child.exitCode ?? child.signalCode).toBeNull();
  });
});
