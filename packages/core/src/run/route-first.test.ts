import { describe, expect, it } from 'vitest';
import type { DependencySubmission } from '../task/submission.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const after = (more: Partial<DependencySubmission> = {}): TaskShape => ({ dependencies: [{ task: 'a', ...more }] });
const is = (value: string): TaskShape => after({ condition: `output.size == "${value}"` });

/** `a` with routes by size; the last one has no condition. */
function switched(more: TaskShape = {}): Scenario {
  const s = new Scenario(
    tasksOf({
      a: { fire: 'first', ...more },
      small: is('s'),
      medium: is('m'),
      other: after(),
      always: after({ required: false }),
    }),
  );
  s.execute();
  return s;
}

describe('fire: first', () => {
  it('fires the first edge in declared order whose filters hold; the others are dead with a reason of their own', () => {
    const s = switched();
    expect(s.complete('a', { size: 's' })[0]).toBe(
      'TaskCompleted a/1 ready=small,always dead=medium:first,other:first',
    );
    expect(s.statuses).toBe('a:completed small:ready medium:skipped other:skipped always:ready');
    expect(s.task('other').reason?.message).toBe(
      'The dependencies can no longer be met: a has completed, and the first of its dependents that may go on is another',
    );
  });

  it('finds out why none of many ways was taken, in the time of a few', () => {
    const ways = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`w${at}`, is(`${at}`)]));
    const s = new Scenario(tasksOf({ a: { fire: 'first' }, ...ways }), { checks: false });
    s.execute();
    s.complete('a', { size: 'x' });
    expect(s.task('w59').reason?.message).toContain('condition `output.size == "59"` was false');
  });

  it('goes on to the next when a filter does not hold, which the dead edge says', () => {
    const s = switched();
    expect(s.complete('a', { size: 'x' })[0]).toBe(
      'TaskCompleted a/1 ready=other,always dead=small:condition,medium:condition',
    );
    expect(s.task('small').reason?.message).toContain('condition `output.size == "s"` was false: output.size is "x"');
  });

  it('asks no condition behind the way that is taken, and names trigger or port where these stop an edge anyway', () => {
    const s = new Scenario(
      tasksOf({
        a: { fire: 'first' },
        first: after(),
        broken: after({ condition: 'output.absent == 1' }),
        failed: after({ on: ['failure'], handles: true }),
        port: after({ port: 'high' }),
      }),
    );
    s.execute();
    expect(s.complete('a', {})[0]).toBe('TaskCompleted a/1 ready=first dead=broken:first,failed:trigger,port:port');
    expect(s.task('broken').status).toBe('skipped');
    expect(s.task('port').reason?.message).toContain('on its primary port');
  });

  it('takes no other way when a condition can not be worked out: its target fails', () => {
    const s = new Scenario(
      tasksOf({ a: { fire: 'first' }, broken: after({ condition: 'output.absent == 1' }), other: after() }),
    );
    s.execute();
    expect(s.complete('a', {})[0]).toBe('TaskCompleted a/1 dead=broken:condition,other:first');
    expect(s.statuses).toBe('a:completed broken:failed other:skipped');
  });

  it('holds for failures: the first that may deal with one does', () => {
    const mend = after({ on: ['failure'], handles: true });
    const s = new Scenario(
      tasksOf({
        a: { fire: 'first' },
        timeout: after({ on: ['failure'], handles: true, condition: 'error.code == "timeout"' }),
        mend,
        more: mend,
      }),
    );
    s.execute();
    expect(s.fail('a', { code: 'other', retryable: false })[0]).toBe(
      'TaskFailed a/1 ready=mend dead=timeout:condition,more:first error=other handled',
    );
  });

  it('is one choice also among several edges to one task', () => {
    const s = new Scenario(
      tasksOf({
        a: { fire: 'first' },
        b: {
          join: 'any',
          dependencies: [
            { task: 'a', condition: 'output == 1' },
            { task: 'a', port: 'high' },
            { task: 'a', condition: 'output == 2' },
          ],
        },
        c: after(),
      }),
    );
    s.execute();
    expect(s.complete('a', 2)[0]).toBe('TaskCompleted a/1 ready=b dead=b:condition,b:port,c:first');
  });

  it('holds for edges that are made when the task has ended', () => {
    const s = switched();
    s.complete('a', { size: 's' });
    const later = new Scenario(tasksOf({ a: { fire: 'first' }, b: after(), c: { dependencies: ['b'] } }));
    later.execute();
    later.complete('a');
    const { definition } = later.task('c');
    const dependency = { ...later.task('b').definition.dependencies[0]!, task: later.task('a').id, ref: 'a' };
    expect(later.when({ type: 'update', definition: { ...definition, dependencies: [dependency] } })).toEqual([
      'TaskUpdated c dead=c:first',
      'TaskSkipped c reason=dependency',
    ]);
  });
});
