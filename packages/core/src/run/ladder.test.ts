/** What the end of a run tells of each failure that nobody dealt with: what each step of the ladder did (R-ER-02, R-RT-07, R-SG-07). */
import { describe, expect, it } from 'vitest';
import type { FailureLadder } from './event.ts';
import { Scenario, tasksOf, type TaskShape } from './run.fixture.ts';

const retry = { maxAttempts: 2, delayMs: 0 };

function toldOf(
  tasks: Readonly<Record<string, readonly string[] | TaskShape>>,
  happens: (s: Scenario) => void,
): readonly { readonly name: string; readonly ladder: FailureLadder | undefined }[] {
  const s = new Scenario(tasksOf(tasks));
  s.execute();
  happens(s);
  const end = s.log.at(-1);
  if (end?.type !== 'RunFailed') throw new Error(`The run is ${s.run.status}`);
  return end.data.failures.map(({ name, ladder }) => ({ name, ladder }));
}

const around = { taskId: 'root', name: 'root', onFailure: 'finishIndependent', cancelled: 0 };

describe('the account of a failure', () => {
  it('of a task without anything is its one attempt', () => {
    expect(toldOf({ a: [] }, (s) => s.fail('a'))).toEqual([
      { name: 'a', ladder: { attempts: 1, retry: 'none', scope: around } },
    ]);
  });

  it('tells attempts, the fallback, and dependents that waited for it', () => {
    const tasks = {
      a: { policies: { retry }, fallback: { executor: 'work' } },
      tell: { dependencies: [{ task: 'a', on: ['failure' as const] }] },
      other: { dependencies: [{ task: 'a', on: ['failure' as const, 'success' as const] }], when: 'env.HOME == 1' },
      next: ['a'],
    };
    const [{ ladder } = { ladder: undefined }] = toldOf(tasks, (s) => {
      s.fail('a');
      s.fail('a');
      s.due('a');
      s.fail('a');
      s.complete('tell');
    });
    expect(ladder).toEqual({
      attempts: 3,
      retry: 'exhausted',
      fallback: 'failed',
      edges: [
        { taskId: 'tell', name: 'tell', status: 'completed' },
        { taskId: 'other', name: 'other', status: 'skipped' },
      ],
      scope: around,
    });
  });

  it('tells why there was no further attempt', () => {
    const reasons = [
      toldOf({ a: { policies: { retry } } }, (s) => s.fail('a', { retryable: false })),
      toldOf({ a: { policies: { retry: { ...retry, delayMs: 9, maxElapsedMs: 1 } } } }, (s) => s.fail('a')),
      toldOf({ a: { policies: { retry }, fallback: { output: 1 } } }, (s) => s.fail('a', { fatal: true })),
    ].map(([first]) => [first?.ladder?.retry, first?.ladder?.fallback]);
    expect(reasons).toEqual([
      ['notRetryable', undefined],
      ['timeUp', undefined],
      ['fatal', 'notTried'],
    ]);
  });

  it('tells what a scope that fails fast has cancelled, and how its compensation ended', () => {
    const tasks = {
      g: { group: true, policies: { onFailure: 'failFast' as const } },
      done: { parentId: 'g', compensate: { executor: 'work' } },
      a: { parentId: 'g' },
      b: { parentId: 'g' },
      c: { parentId: 'g' },
    };
    const [{ ladder } = { ladder: undefined }] = toldOf(tasks, (s) => {
      s.complete('done');
      s.fail('a');
      s.fail('g:undo.0');
    });
    expect(ladder).toMatchObject({
      scope: { name: 'g', onFailure: 'failFast', cancelled: 2 },
      compensation: { name: 'g', result: 'partial', tasks: 1, failed: 1 },
    });
  });
});
