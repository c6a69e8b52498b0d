import type { RunEvent, TaskId, TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { LogWatch } from './log-watch.ts';

const TREE = 'tree' as TreeId;
const OTHER = 'other' as TreeId;
const [A, B] = ['a', 'b'] as TaskId[] as [TaskId, TaskId];
const ended = (taskId: TaskId | undefined, type: RunEvent['type']): RunEvent =>
  ({ type, taskId }) as unknown as RunEvent;

function setUp() {
  const timers: (() => void)[] = [];
  const watch = new LogWatch({
    nowMs: () => 0,
    setTimer: (ms, callback) => {
      if (ms < 1_000) timers.push(callback);
      return () => {};
    },
    defer: (callback) => queueMicrotask(callback),
  });
  const woken: string[] = [];
  const ends: (() => void)[] = [];
  const read = (name: string, scope: { treeId: TreeId; taskId?: TaskId }): void => {
    const { changed, end } = watch.begin(scope, 10_000);
    ends.push(end);
    void changed.then(() => woken.push(name));
  };
  const told = async (): Promise<readonly string[]> => {
    await Promise.resolve();
    return woken.splice(0);
  };
  return { watch, timers, read, told, endAll: () => ends.forEach((end) => end()) };
}

describe('readers who wait (R-OB-08)', () => {
  it('are woken by what they wait for, and by nothing else', async () => {
    const { watch, read, told, endAll } = setUp();
    read('a', { treeId: TREE, taskId: A });
    read('b', { treeId: TREE, taskId: B });
    read('all', { treeId: TREE });
    read('other', { treeId: OTHER, taskId: A });
    watch.written(TREE, new Set([A]));
    expect(await told()).toEqual(['all', 'a']);
    watch.committed(TREE, [ended(A, 'TaskStarted')]);
    expect(await told()).toEqual([]);
    watch.committed(TREE, [ended(B, 'TaskCompleted')]);
    expect(await told()).toEqual(['b']);
    watch.committed(OTHER, [ended(undefined, 'RunFailed')]);
    expect(await told()).toEqual(['other']);
    expect(watch.size).toBe(4);
    endAll();
    expect(watch.size).toBe(0);
  });

  it('are woken together when they are many: of lines after a while, of an end at once', async () => {
    const { watch, timers, read, told } = setUp();
    for (let at = 0; at < 60; at++) read('a', { treeId: TREE, taskId: A });
    read('b', { treeId: TREE, taskId: B });
    watch.written(TREE, new Set([A]));
    watch.written(TREE, new Set([A, B]));
    expect([await told(), timers.length]).toEqual([[], 1]);
    watch.committed(TREE, [ended(B, 'TaskFailed')]);
    expect(await told()).toEqual(['b']);
    timers[0]?.();
    expect(await told()).toHaveLength(60);
    watch.written(TREE, new Set([A]));
    expect(timers).toHaveLength(2);
  });

  it('are all woken when the engine stops', async () => {
    const { watch, read, told } = setUp();
    read('a', { treeId: TREE, taskId: A });
    read('all', { treeId: OTHER });
    watch.close();
    expect(await told()).toEqual(['a', 'all']);
  });
});
