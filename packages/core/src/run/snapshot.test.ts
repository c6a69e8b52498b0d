/** Snapshots of earlier versions (R-ST-05). */
import { expect, it } from 'vitest';
import { Scenario, tasksOf } from './run.fixture.ts';
import { fromSnapshot, toSnapshot, type RunSnapshot } from './snapshot.ts';

it('a snapshot without the reason of a wait is not used', () => {
  const s = new Scenario(tasksOf({ a: { policies: { retry: { maxAttempts: 2, delayMs: 100 } } } }));
  s.execute();
  s.fail('a');
  const snapshot = toSnapshot(s.run);
  expect(fromSnapshot(snapshot).byId.get(s.task('a').id)?.waiting).toEqual(s.task('a').waiting);
  const before: RunSnapshot = {
    ...snapshot,
    tasks: snapshot.tasks.map((task) => {
      const { waiting, ...fields } = task.fields;
      return { ...task, fields: waiting === undefined ? fields : { ...fields, dueAtMs: waiting.untilMs } };
    }),
  };
  expect(() => fromSnapshot(before)).toThrow('why a task waits');
});
