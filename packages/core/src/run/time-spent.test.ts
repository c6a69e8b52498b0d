/** Where the time of a run went: each moment of a task is one thing, and all moments are something. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionFor, Scenario, tasksOf } from './run.fixture.ts';
import type { TaskId } from '@coppice/extension';
import { nothingSpent, SPANS, TimeSpentFold, type TaskTime } from './time-spent.ts';

function timesOf({ log, nowMs }: Scenario): readonly TaskTime[] {
  const fold = new TimeSpentFold();
  for (const event of log) fold.add(event);
  return fold.times(nowMs);
}

/** What the task has spent, without what it has spent nothing on. */
function spentBy(scenario: Scenario, id: string): object {
  const spent = timesOf(scenario).find(({ taskId }) => taskId === id)?.spent ?? nothingSpent();
  return Object.fromEntries(Object.entries(spent).filter(([, ms]) => ms > 0));
}

const pass = (scenario: Scenario, ms: number): void => void (scenario.nowMs += ms);
const retry = { strategy: 'fixed', delayMs: 100, jitter: 'none', maxAttempts: 3 } as const;

describe('where the time of a run went', () => {
  it('tells waiting for dependencies, for a turn, running and back-off apart', () => {
    const scenario = new Scenario(tasksOf({ a: { policies: { retry } }, b: ['a'] }));
    pass(scenario, 5);
    scenario.execute();
    pass(scenario, 10);
    scenario.start('a');
    pass(scenario, 20);
    scenario.fail('a');
    pass(scenario, 100);
    scenario.when({ type: 'due', taskId: 'a' as TaskId });
    pass(scenario, 3);
    scenario.start('a');
    pass(scenario, 40);
    scenario.complete('a');
    pass(scenario, 7);
    expect(spentBy(scenario, 'a')).toEqual({ limited: 13, running: 60, backOff: 100 });
    expect(spentBy(scenario, 'b')).toEqual({ dependencies: 173, limited: 7 });
    expect(spentBy(scenario, 'root')).toEqual({});
  });

  it('counts what is paused as paused, and what runs meanwhile as running', () => {
    const scenario = new Scenario(tasksOf({ a: {}, b: {}, c: ['a'] }));
    scenario.execute();
    scenario.start('a');
    scenario.when({ type: 'pause', failing: [] });
    pass(scenario, 30);
    scenario.complete('a');
    pass(scenario, 20);
    scenario.when({ type: 'resume' });
    pass(scenario, 5);
    expect(spentBy(scenario, 'a')).toEqual({ running: 30 });
    expect(spentBy(scenario, 'b')).toEqual({ paused: 50, limited: 5 });
    expect(spentBy(scenario, 'c')).toEqual({ paused: 50, limited: 5 });
  });

  it('goes on where a task is tried again in a run that was opened again, and counts nothing in between', () => {
    const scenario = new Scenario(tasksOf({ a: {}, b: {} }));
    scenario.execute();
    scenario.start('a', 'b');
    pass(scenario, 10);
    scenario.complete('a');
    scenario.fail('b', { retryable: false });
    pass(scenario, 1_000);
    scenario.retry('failure');
    pass(scenario, 1);
    scenario.start('b');
    pass(scenario, 5);
    scenario.complete('b');
    expect(spentBy(scenario, 'a')).toEqual({ running: 10 });
    expect(spentBy(scenario, 'b')).toEqual({ limited: 1, running: 15 });
  });

  it('knows tasks that come while the run goes on, and keeps those that have left it', () => {
    const scenario = new Scenario(tasksOf({ plan: {} }));
    scenario.execute();
    scenario.start('plan');
    pass(scenario, 4);
    const parent = 'top' as TaskId;
    const { tasks } = definitionFor({ tasks: [{ id: parent }, { id: 'x', parentId: parent, executor: 'work' }] });
    const outcome = { output: null, adding: { parent, tasks: tasks.slice(1) } };
    scenario.when({ type: 'complete', taskId: 'plan' as TaskId, attempt: 1, outcome });
    pass(scenario, 6);
    scenario.complete('plan.0');
    pass(scenario, 100);
    expect(spentBy(scenario, 'plan')).toEqual({ running: 4 });
    expect(spentBy(scenario, 'plan.0')).toEqual({ limited: 6 });
    scenario.retry('task', { taskId: 'plan' });
    expect(spentBy(scenario, 'plan.0')).toEqual({ limited: 6 });
  });

  it('over random steps: all that a task has spent is the time from the begin of the run to its end', () => {
    const steps = fc.array(
      fc.record({
        does: fc.constantFrom('start', 'complete', 'fail', 'due', 'pause', 'resume'),
        ms: fc.nat(50),
        at: fc.nat(2),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (wishes) => {
        const scenario = new Scenario(
          tasksOf({ a: { policies: { retry } }, b: { policies: { retry } }, c: ['a', 'b'] }),
          { checks: false },
        );
        scenario.execute();
        const began = scenario.nowMs;
        const ended = new Map<string, number>();
        for (const { does, ms, at } of wishes) {
          pass(scenario, ms);
          const id = 'abc'[at] as string;
          const { status } = scenario.task(id);
          const taskId = id as TaskId;
          if (scenario.run.status === 'failed' || scenario.run.status === 'completed') break;
          if (does === 'start' && status === 'ready' && scenario.run.pauses === undefined) scenario.start(id);
          if (does === 'complete' && status === 'running') scenario.complete(id);
          if (does === 'fail' && status === 'running') scenario.fail(id);
          if (does === 'due') scenario.when({ type: 'due', taskId });
          if (does === 'pause') scenario.when({ type: 'pause', failing: [] });
          if (does === 'resume' && scenario.run.pauses !== undefined) scenario.when({ type: 'resume' });
          for (const each of scenario.run.tasks)
            if (each.endedAtMs !== undefined && !ended.has(each.id)) ended.set(each.id, each.endedAtMs);
        }
        for (const { taskId, spent } of timesOf(scenario)) {
          const sum = SPANS.reduce((total, span) => total + spent[span], 0);
          expect(sum).toBe((ended.get(taskId) ?? scenario.nowMs) - began);
        }
      }),
    );
  });
});
