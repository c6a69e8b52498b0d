/** R-RT-11: what is wrong for a moment is overcome. */
import { expect, it } from 'vitest';
import { seededFraction } from '../random/seeded.ts';
import { Scenario, tasksOf } from './run.fixture.ts';

it('of 1,000 runs whose attempts fail in 30 of 100 cases, at least 999 succeed with 8 attempts (R-RT-11)', () => {
  const policies = { retry: { maxAttempts: 8, delayMs: 10 } };
  const statuses = Array.from({ length: 1_000 }, (_, seed) => {
    const s = new Scenario(tasksOf({ a: [] }), { policies, checks: false });
    s.execute();
    while (s.run.status === 'running') {
      const { waiting, attempt, id } = s.task('a');
      if (waiting !== undefined) {
        s.nowMs = waiting.untilMs as number;
        s.due('a');
      } else if (seededFraction({ seed: String(seed), taskId: id, attempt: attempt + 1, purpose: 'test' }) < 0.3)
        s.fail('a');
      else s.complete('a');
    }
    return s.run.status;
  });
  expect(statuses.filter((status) => status === 'completed').length).toBeGreaterThanOrEqual(999);
});
