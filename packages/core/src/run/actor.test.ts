/** Who caused an event: on what a command asks for, and on nothing that follows from it. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Actor } from './actor.ts';
import { create } from './decide.ts';
import type { RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import { definitionFor, Scenario, tasksOf } from './run.fixture.ts';

const actor: Actor = { userId: 'mia', face: 'page' };

/** Types of events, with a `*` where the event names the actor. */
function typesOf(events: readonly RunEvent[]): string {
  const mark = (event: RunEvent): string => {
    if (!('actor' in event)) return '';
    return isDeepStrictEqual(event.actor, actor) ? '*' : '?';
  };
  return events.map((event) => `${event.type}${mark(event)}`).join(' ');
}

function scenario(): Scenario {
  return new Scenario(tasksOf({ a: [], b: ['a'] }));
}

describe('the actor of a command', () => {
  it('is on the creation of a tree', () => {
    const definition = definitionFor({ tasks: tasksOf({ a: [] }) });
    const { event } = create({ definition, userId: 'ann', seed: 's', actor }, scenario().context());
    expect(typesOf([event])).toBe('TreeCreated*');
    expect(event.data).not.toHaveProperty('actor');
  });

  it('is on the start of a run and not on what becomes ready by it', () => {
    expect(typesOf(scenario().decide({ type: 'execute', actor }))).toBe('RunStarted* TaskOpened');
  });

  it('is on all that was cancelled with the run, and on the end of the run', () => {
    const s = scenario();
    s.execute();
    expect(typesOf(s.decide({ type: 'cancel', actor }))).toBe(
      'TaskCancelled* TaskCancelled* TaskCancelled* RunCancelled*',
    );
    const by = { code: 'user', message: 'Cancelled by the user', by: actor };
    for (const run of [s.run, fold(s.log)]) {
      expect(run?.reason).toEqual(by);
      expect(run?.tasks.map(({ reason }) => reason)).toEqual([by, by, by]);
    }
  });

  it('is on a task that was cancelled, and not on what is skipped or ends because of it', () => {
    const s = scenario();
    s.execute();
    expect(typesOf(s.decide({ type: 'cancel', taskId: s.task('a').id, actor }))).toBe(
      'TaskCancelled* TaskSkipped TaskCancelled RunCancelled',
    );
  });

  it('is on a run that is opened again and not on the tasks that become due by it', () => {
    const s = scenario();
    s.execute();
    s.start('a');
    s.fail('a');
    expect(typesOf(s.decide({ type: 'retry', mode: 'failure', actor }))).toMatch(/^RunReopened\*( Task\w+)+$/);
    expect(s.run.reason).toBeUndefined();
  });

  it('is on a pause and its end, and not on the moment when the last attempt has ended', () => {
    const s = scenario();
    s.execute();
    expect(typesOf(s.decide({ type: 'pause', failing: [], actor }))).toBe('TaskPausing* TaskPaused');
    expect(typesOf(s.decide({ type: 'resume', actor }))).toBe('TaskResumed*');
  });

  it('is on a changed and on a deleted task', () => {
    const s = scenario();
    const { definition } = s.task('b');
    expect(typesOf(s.decide({ type: 'update', definition: { ...definition, name: 'other' }, actor }))).toBe(
      'TaskUpdated*',
    );
    expect(typesOf(s.decide({ type: 'delete', taskId: definition.id, actor }))).toBe('TasksDeleted*');
  });

  it('is nowhere without one: the event has no such field', () => {
    const s = scenario();
    s.execute();
    s.start('a');
    s.complete('a');
    s.cancel();
    expect(s.log.filter((event) => 'actor' in event)).toEqual([]);
    expect(s.run.reason).not.toHaveProperty('by');
  });
});
