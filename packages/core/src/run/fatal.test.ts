/** Errors that end the whole run (R-RT-06): no retry, no fallback, no failure edge; what undoes and cleans up still runs. */
import type { TaskError } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const fatal: Partial<TaskError> = {
  code: 'auth/revoked',
  message: 'The key was taken back',
  retryable: false,
  fatal: true,
};
const retry = { maxAttempts: 5, delayMs: 0 };

function begun(tasks: Readonly<Record<string, readonly string[] | TaskShape>>, root = {}): Scenario {
  const s = new Scenario(tasksOf(tasks, root));
  s.execute();
  return s;
}

describe('a fatal failure', () => {
  it('ends the run at once: nothing is tried again, nothing takes its place, nobody handles it', () => {
    const s = begun({
      a: { policies: { retry }, fallback: { output: 1 }, allowFailure: true },
      caught: { dependencies: [{ task: 'a', on: ['failure'] }] },
      anyway: { dependencies: [{ task: 'a', required: false }] },
      b: [],
      c: ['b'],
    });
    s.start('a', 'b');
    expect(s.fail('a', fatal)).toEqual([
      'TaskFailed a/1 dead=caught:fatal,anyway:fatal error=auth/revoked',
      'TaskCancelled c reason=fatal',
      'TaskCancelled b/1 dead=c:trigger reason=fatal',
      'TaskCancelled anyway reason=fatal',
      'TaskCancelled caught reason=fatal',
      'TaskOpened root',
      'TaskFailed root error=run/fatal',
      'RunFailed error=run/fatal',
    ]);
    expect(s.run.error).toEqual({
      code: 'run/fatal',
      message: 'a (a) ended the run: The key was taken back. Mend the cause, then retry from failure',
      retryable: false,
      data: { taskId: 'a' },
      cause: { ...fatal },
    });
    const end = s.log.at(-1);
    expect(end?.type === 'RunFailed' && end.data).toMatchObject({ failureCount: 1, failures: [{ taskId: 'a' }] });
  });

  it('reaches the run through groups that are allowed to fail and groups that repeat', () => {
    const s = begun({
      again: { group: true, repeat: { max: 9 }, allowFailure: true },
      g: { group: true, parentId: 'again', allowFailure: true },
      a: { parentId: 'g' },
    });
    const id = s.ids('ready')[0] as string;
    s.fail(id, fatal);
    expect(s.run.status).toBe('failed');
    expect(s.run.error?.code).toBe('run/fatal');
  });

  it('still undoes all that was done, and cleans up', () => {
    const undo = { executor: 'work' };
    const s = begun({
      first: { compensate: undo },
      g: { group: true, dependencies: ['first'] },
      second: { parentId: 'g', compensate: undo },
      a: { parentId: 'g', dependencies: ['second'] },
      sweep: { finally: true },
    });
    s.complete('first');
    s.complete('second');
    s.fail('a', fatal);
    const undone = s.ids('ready');
    expect(undone).toHaveLength(1);
    expect(s.task(undone[0] as string).definition.compensates).toBe('second');
    s.complete(undone[0] as string);
    const last = s.ids('ready')[0] as string;
    expect(s.task(last).definition.compensates).toBe('first');
    s.fail(last);
    expect(s.ids('ready')).toEqual(['sweep']);
    s.complete('sweep');
    expect(s.run.error?.code).toBe('run/fatal');
    const end = s.log.at(-1);
    expect(end?.type === 'RunFailed' && end.data.compensation?.result).toBe('partial');
  });

  it('of a compensation or of clean-up lets the others of these go on', () => {
    const s = begun({
      g: { group: true },
      first: { parentId: 'g', compensate: { executor: 'work', policies: { retry } } },
      second: { parentId: 'g', dependencies: ['first'], compensate: { executor: 'work' } },
      a: { parentId: 'g', dependencies: ['second'] },
      b: [],
    });
    s.complete('first');
    s.complete('second');
    s.fail('a');
    const undo = s.ids('ready').find((id) => id.includes('undo')) as string;
    s.fail(undo, fatal);
    expect(s.task('b').status).toBe('cancelled');
    const next = s.ids('ready');
    expect(next).toHaveLength(1);
    s.complete(next[0] as string);
    expect(s.run.status).toBe('failed');
    expect(s.run.error?.code).toBe('run/fatal');
  });

  it('of a root that is no group ends its run', () => {
    const s = new Scenario([
      { id: 'root', executor: 'work', policies: { retry } },
      { id: 'below', parentId: 'root', executor: 'work' },
    ]);
    s.execute();
    s.start('root', 'below');
    s.fail('below', fatal);
    expect(s.task('root').status).toBe('cancelled');
    expect(s.run.error?.code).toBe('run/fatal');
  });

  it('is done again by a retry from failure, with what it cancelled', () => {
    const s = begun({ a: {}, b: [], c: ['b'] });
    s.fail('a', fatal);
    s.retry('failure');
    expect(s.ids('ready')).toEqual(['a', 'b']);
    s.completeAll();
    expect(s.run.status).toBe('completed');
  });
});
