/** Runs in memory: active ones stay, idle ones go when there are many tasks, a successor is not mistaken for its predecessor. */
import type { RunState, TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { HostedRun } from './hosted-run.ts';
import { Hosts } from './hosts.ts';

function run(treeId: string, status: RunState['status'], tasks = 1_000): HostedRun {
  return new HostedRun(
    { treeId: treeId as TreeId, status, tasks: Array.from({ length: tasks }) } as unknown as RunState,
    0,
  );
}

const idsOf = (hosts: Hosts): string[] => hosts.list().map(({ treeId }) => treeId);

describe('hosts', () => {
  it('keep what is active and let idle runs go when many tasks are in memory', () => {
    const hosts = new Hosts();
    hosts.add(run('active', 'running'));
    for (let at = 0; at < 300; at++) hosts.add(run(`idle${at}`, 'created'));
    expect(idsOf(hosts)).toContain('active');
    expect(idsOf(hosts)).toContain('idle299');
    expect(idsOf(hosts)).not.toContain('idle0');
    expect(hosts.list().length).toBeLessThanOrEqual(202);
  });

  it('let idle runs go also when many active ones came first', () => {
    const hosts = new Hosts();
    for (let at = 0; at < 150; at++) hosts.add(run(`active${at}`, 'running'));
    for (let at = 0; at < 1_000; at++) hosts.add(run(`idle${at}`, 'created'));
    expect(hosts.list().length).toBeLessThan(300);
    expect(idsOf(hosts).filter((id) => id.startsWith('active'))).toHaveLength(150);
  });

  it('forget a run only if it is still the one in memory', () => {
    const hosts = new Hosts();
    const [former, successor] = [run('a', 'completed'), run('a', 'running')];
    hosts.add(former);
    hosts.forget(former);
    hosts.add(successor);
    hosts.forget(former);
    expect(hosts.find('a' as TreeId)).toBe(successor);
  });
});
