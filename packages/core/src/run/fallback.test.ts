/** Rule 7: what takes the place of work that has failed for good. */
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const retry = { maxAttempts: 2, strategy: 'immediate' as const };
const withFallback = (
  fallback: NonNullable<TaskShape['fallback']>,
  more: TaskShape = {},
): Record<string, TaskShape> => ({
  a: { inputs: { own: 1 }, fallback, policies: { retry }, ...more },
  b: { dependencies: ['a'] },
  instead: { dependencies: [{ task: 'a', port: 'fallback' }] },
  handler: { dependencies: [{ task: 'a', on: ['failure'], handles: true }] },
});

function failTwice(fallback: NonNullable<TaskShape['fallback']>): Scenario {
  const s = new Scenario(tasksOf(withFallback(fallback)));
  s.execute();
  s.fail('a');
  return s;
}

describe('a fallback', () => {
  it('is one more attempt by another executor, after the last of the task, and its dependents go on once (R-SG-11)', () => {
    const s = failTwice({
      executor: 'cache',
      inputs: { because: '${{ error.cause.message }}', state: '${{ breaker }}' },
    });
    expect(s.fail('a')).toEqual(['RetryScheduled a/2 error=retry/exhausted delayMs=0']);
    expect(s.due('a')).toEqual(['TaskDue a']);
    expect(s.run.retries).toBe(1);
    s.start('a');
    expect(s.task('a').input).toEqual({ because: 'It failed', state: null });
    expect(s.task('a').idempotencyKey).toBe('root/a/fallback');
    expect(s.complete('a', 'old', 'elsewhere')).toEqual([
      'TaskCompleted a/3 ready=b,instead dead=handler:trigger',
      'TaskSkipped handler reason=dependency',
    ]);
    expect(s.task('a')).toMatchObject({ port: 'fallback', output: 'old', error: undefined });
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });

  it('fires the primary port only when it is not separate', () => {
    const s = failTwice({ executor: 'cache', port: 'separate' });
    s.fail('a');
    s.due('a');
    expect(s.complete('a')[0]).toBe('TaskCompleted a/3 ready=instead dead=b:port,handler:trigger');
  });

  it('may be a value, which needs no attempt', () => {
    const s = failTwice({ output: { price: 0, why: '${{ error.cause.code }}' } });
    expect(s.fail('a')).toEqual([
      'RetryScheduled a/2 error=retry/exhausted delayMs=0',
      'TaskCompleted a ready=b,instead dead=handler:trigger',
      'TaskSkipped handler reason=dependency',
    ]);
    expect(s.task('a').output).toEqual({ price: 0, why: 'test/failed' });
  });

  it('that fails is not tried again, and the cause of it all is kept', () => {
    const s = failTwice({ executor: 'cache' });
    s.fail('a');
    s.due('a');
    expect(s.fail('a', { message: 'No cache' })[0]).toBe(
      'TaskFailed a/3 ready=handler dead=b:trigger,instead:trigger error=fallback/failed handled',
    );
    expect(s.task('a').error).toMatchObject({
      message:
        'a failed (It failed (all 2 attempts of a failed; mend the cause, or raise maxAttempts)), and so did its fallback: No cache. Mend one of them, then retry from failure',
      cause: { message: 'No cache', cause: { code: 'retry/exhausted', cause: { code: 'test/failed' } } },
    });
  });

  it('is not begun by a cancellation, and is forgotten by a retry', () => {
    const s = failTwice({ executor: 'cache' });
    s.fail('a');
    s.due('a');
    s.cancel('a');
    expect(s.task('a').status).toBe('cancelled');
    s.retry('failure');
    s.start('a');
    expect(s.task('a').input).toEqual({ own: 1 });
  });

  it('goes on with the same attempt under the same key after a crash', () => {
    const s = failTwice({ executor: 'cache' });
    s.fail('a');
    s.due('a');
    s.start('a');
    s.when({ type: 'interrupt', reason: 'crash', failing: ['work'] });
    s.start('a');
    expect(s.task('a').idempotencyKey).toBe('root/a/fallback');
    s.complete('a');
    expect(s.task('a').port).toBe('fallback');
  });

  it('is refused where it could do nothing', () => {
    const refused = (fallback: NonNullable<TaskShape['fallback']>, more?: TaskShape) => () =>
      new Scenario(tasksOf(withFallback(fallback, more)));
    expect(refused({})).toThrow(/a fallback that is not one thing/);
    expect(refused({ executor: 'cache', output: 1 })).toThrow(/an executor with inputs, or an output/);
    expect(() => new Scenario(tasksOf({ g: { group: true, fallback: { output: 1 } }, m: { parentId: 'g' } }))).toThrow(
      /no executor whose work could fail/,
    );
  });
});
