/** Runs in memory: active ones stay, idle ones go when there are many tasks, a successor is not mistaken for its predecessor. */
import type { RunState, TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { LoadedRun } from './loaded-run.ts';
import { LoadedRuns } from './loaded-runs.ts';

function run(treeId: string, status: RunState['status'], tasks = 1_000): LoadedRun {
  return new LoadedRun(
    { treeId: treeId as TreeId, status, tasks: Array.from({ length: tasks }) } as unknown as RunState,
    0,
  );
}

const idsOf = (loadedRuns: LoadedRuns): string[] => loadedRuns.list().map(({ treeId }) => treeId);

describe('loadedRuns', () => {
  it('keep what is active and let idle runs go when many tasks are in memory', () => {
    const loadedRuns = new LoadedRuns();
    loadedRuns.add(run('active', 'running'));
    for (let at = 0; at < 300; at++) loadedRuns.add(run(`idle${at}`, 'created'));
    expect(idsOf(loadedRuns)).toContain('active');
    expect(idsOf(loadedRuns)).toContain('idle299');
    expect(idsOf(loadedRuns)).not.toContain('idle0');
    expect(loadedRuns.list().length).toBeLessThanOrEqual(202);
  });

  it('let idle runs go also when many active ones came first', () => {
    const loadedRuns = new LoadedRuns();
    for (let at = 0; at < 150; at++) loadedRuns.add(run(`active${at}`, 'running'));
    for (let at = 0; at < 1_000; at++) loadedRuns.add(run(`idle${at}`, 'created'));
    expect(loadedRuns.list().length).toBeLessThan(300);
    expect(idsOf(loadedRuns).filter((id) => id.startsWith('active'))).toHaveLength(150);
  });

  it('forget a run only if it is still the one in memory', () => {
    const loadedRuns = new LoadedRuns();
    const [former, successor] = [run('a', 'completed'), run('a', 'running')];
    loadedRuns.add(former);
    loadedRuns.forget(former);
    loadedRuns.add(successor);
    loadedRuns.forget(former);
    expect(loadedRuns.find('a' as TreeId)).toBe(successor);
  });
});
