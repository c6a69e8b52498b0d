/** R-CP-09 as a property: what freezes is moved on by exactly the time in which anything paused it. */
import type { TaskId } from '@coppice/extension';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';

const TOPS = ['root', 'g', 'h', 'a'] as const;
const steps = fc.array(
  fc.record({ afterMs: fc.nat(40), top: fc.constantFrom(...TOPS), does: fc.constantFrom('pause', 'resume') }),
  { maxLength: 30 },
);

it('R-CP-09: a back-off, the limit of all attempts and the budget, whatever pauses overlap', () => {
  const retry = { strategy: 'fixed', delayMs: 100_000, jitter: 'none', maxAttempts: 3 } as const;
  fc.assert(
    fc.property(steps, fc.nat(10), (wishes, failsAt) => {
      const tree = { g: { group: true }, h: { group: true, parentId: 'g' }, a: { parentId: 'h', policies: { retry } } };
      const s = new Scenario(tasksOf(tree), { policies: { runTimeoutMs: 10_000_000 } });
      s.execute();
      s.start('a');
      const began = s.nowMs;
      const held = new Set<string>();
      let pausedMs = 0;
      let runPausedMs = 0;
      let failedAtMs: number | undefined;
      const fail = (): void => {
        s.fail('a');
        failedAtMs = s.nowMs;
      };
      const pass = (ms: number): void => {
        s.nowMs += ms;
        if (held.size > 0 && failedAtMs !== undefined) pausedMs += ms;
        if (held.has('root')) runPausedMs += ms;
      };
      const send = (type: 'pause' | 'resume', top: (typeof TOPS)[number]): void => {
        const isAbove =
          type === 'resume' && !held.has(top) && TOPS.slice(0, TOPS.indexOf(top)).some((id) => held.has(id));
        if (isAbove) return;
        const taskId = top as TaskId;
        s.when(type === 'pause' ? { type, taskId, failing: [] } : { type, taskId });
        if (type === 'pause') held.add(top);
        else held.delete(top);
      };
      for (const [at, { afterMs, top, does }] of wishes.entries()) {
        pass(afterMs);
        if (at === failsAt) fail();
        send(does, top);
      }
      if (failedAtMs === undefined) fail();
      for (const top of TOPS) {
        pass(7);
        if (held.has(top)) send('resume', top);
      }
      expect(s.task('a').waiting?.untilMs).toBe((failedAtMs ?? 0) + 100_000 + pausedMs);
      expect(s.task('a').firstStartedAtMs).toBe(began + pausedMs);
      expect(s.run.deadlineAtMs).toBe(began + 10_000_000 + runPausedMs);
      expect(s.run.pauses).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
