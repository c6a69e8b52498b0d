/** What waits and approvals write to variables as they end. */
import type { TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

const waiting = (set: object, more: object = {}) =>
  new Scenario(tasksOf({ w: { group: true, wait: { signal: 'go' }, set, ...more } as never, z: ['w'] }), {
    variables: { total: 1 },
  });

describe('set of a wait', () => {
  it('reads the signal that ended it, also one that came early', () => {
    for (const isEarly of [true, false]) {
      const s = waiting({ total: '${{ output.n }}' });
      if (isEarly) s.when({ type: 'signal', name: 'go', payload: { n: 5 } });
      s.execute();
      if (!isEarly) s.when({ type: 'signal', name: 'go', payload: { n: 5 } });
      expect(s.log.find(({ type }) => type === 'TaskCompleted')?.data).toMatchObject({ patch: { total: 5 } });
      expect(s.ids('ready')).toEqual(['z']);
    }
  });

  it('of an approval reads the answer', () => {
    const s = waiting({ total: '${{ output.comment }}' }, { wait: undefined, approval: { title: 'Ship?' } });
    s.execute();
    const actor = { userId: 'ann', face: 'cli' } as const;
    s.when({ type: 'answer', taskId: 'w' as TaskId, approved: true, comment: 'fine', actor, isAdmin: false });
    expect(s.log.find(({ type }) => type === 'TaskCompleted')?.data).toMatchObject({ patch: { total: 'fine' } });
  });

  it('is written when the time of the wait has come', () => {
    const s = waiting({ total: 2 }, { wait: { forMs: 50 } });
    s.execute();
    s.nowMs += 50;
    s.due('w');
    expect(s.log.find(({ type }) => type === 'TaskCompleted')?.data).toMatchObject({ patch: { total: 2 } });
  });

  it('that can not be worked out fails the wait, and rejects the signal', () => {
    const s = waiting({ total: '${{ output.n }}' });
    s.execute();
    expect(s.when({ type: 'signal', name: 'go', payload: {} }).slice(0, 3)).toEqual([
      'SignalReceived',
      expect.stringContaining('SignalRejected reason='),
      'TaskFailed w dead=z:trigger error=set/unresolved',
    ]);
    expect(s.run.inbox?.boxes.size).toBe(0);
  });
});
