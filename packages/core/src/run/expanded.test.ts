/** Executors that add tasks: the task is a group of them from then on, and ends when they have. */
import type { Json, TaskId } from '@coppice/extension';
import { describe, expect, it } from 'vitest';
import { heldUnits } from '../schedule/held-units.ts';
import { LimitGates } from '../schedule/limit-gates.ts';
import type { TaskSubmission } from '../task/submission.ts';
import { definitionFor, Scenario, tasksOf } from './run.fixture.ts';

const tree = tasksOf({
  plan: { inputs: { goal: 'tidy' } },
  after: { dependencies: ['plan'], inputs: { got: '${{ deps.plan }}' } },
});

/** Ends the running attempt of `plan` with tasks to do. */
function add(scenario: Scenario, below: readonly TaskSubmission[], output: Json = null): readonly string[] {
  const parent = 'top' as TaskId;
  const { tasks } = definitionFor({ tasks: [{ id: parent }, ...below.map((task) => ({ parentId: parent, ...task }))] });
  const adding = { parent, tasks: tasks.slice(1) };
  const { attempt } = scenario.task('plan');
  return scenario.when({ type: 'complete', taskId: 'plan' as TaskId, attempt, outcome: { output, adding } });
}

const two = [
  { id: 'sort', executor: 'work' },
  { id: 'sweep', executor: 'work', dependencies: ['sort'] },
];

function planned(output: Json = null): Scenario {
  const scenario = new Scenario(tree);
  scenario.execute();
  scenario.start('plan');
  expect(add(scenario, two, output)).toEqual(['TaskOpened plan/1 ready=plan.0']);
  return scenario;
}

describe('a task whose executor adds tasks', () => {
  it('R-RO-16: is a group of them, and its end waits for them', () => {
    const scenario = planned();
    expect(scenario.run.executing).toBe(0);
    expect(scenario.complete('plan.0', 'sorted')).toEqual(['TaskCompleted plan.0/1 ready=plan.1']);
    expect(scenario.complete('plan.1', 'swept')).toEqual(['TaskCompleted plan.1/1', 'TaskCompleted plan ready=after']);
    scenario.start('after');
    expect(scenario.task('after').input?.['got']).toEqual({ sort: 'sorted', sweep: 'swept' });
  });

  it('keeps the output that its executor returned beside them', () => {
    const scenario = planned('a plan');
    scenario.complete('plan.0');
    scenario.complete('plan.1');
    scenario.start('after');
    expect(scenario.task('after').input?.['got']).toBe('a plan');
  });

  it('goes on with what failed, or is tried again as a whole', () => {
    const scenario = planned();
    scenario.complete('plan.0');
    scenario.fail('plan.1', { retryable: false });
    expect(scenario.task('plan').status).toBe('failed');
    expect(scenario.retry('failure')).toContain('TaskOpened plan ready=plan.1');
    scenario.fail('plan.1', { retryable: false });
    scenario.retry('task', { taskId: 'plan' });
    scenario.start('plan');
    expect(scenario.task('plan')).toMatchObject({ status: 'running', attempt: 2, group: undefined });
    expect(add(scenario, two)).toEqual(['TaskOpened plan/2 ready=plan:2.0']);
    scenario.completeAll();
    expect(scenario.run.status).toBe('completed');
  });

  it('ends at once when there is nothing to add', () => {
    const scenario = new Scenario(tree);
    scenario.execute();
    scenario.start('plan');
    expect(add(scenario, [])).toEqual(['TaskCompleted plan/1 ready=after']);
  });

  it('invariant 8: takes no late or second result of the attempt that added them', () => {
    const scenario = planned();
    const late = { taskId: 'plan' as TaskId, attempt: 1 };
    const error = { code: 'late', message: 'late', retryable: true };
    expect(scenario.when({ type: 'complete', ...late, outcome: { output: 'late' } })).toEqual([]);
    expect(scenario.when({ type: 'fail', ...late, error })).toEqual([]);
    for (const limit of ['task', 'heartbeat'] as const)
      expect(scenario.when({ type: 'timeout', ...late, limit })).toEqual([]);
    expect(scenario.when({ type: 'progress', ...late, fraction: 0.5 })).toEqual([]);
    expect(() => scenario.decide({ type: 'record', ...late, key: 'k', occurrence: 1, value: 1 })).toThrow('has ended');
    expect(add(scenario, two)).toEqual([]);
    expect(scenario.statuses).toBe('plan:running after:pending plan.0:ready plan.1:pending');
  });

  it('R-PR-09: holds no gate, also where what is held follows from the state', () => {
    const gates = new LimitGates({ global: 9 }, () => undefined);
    const heldOf = ({ run }: Scenario) => heldUnits(gates, run).map(({ gate, held }) => `${gate} ${held}`);
    const scenario = planned();
    expect(heldOf(scenario)).toEqual([]);
    scenario.start('plan.0');
    expect(heldOf(scenario)).toEqual(['global 1']);
  });

  it('is cancelled with them', () => {
    const scenario = planned();
    scenario.cancel('plan');
    expect(scenario.statuses).toBe('plan:cancelled after:skipped plan.0:cancelled plan.1:cancelled');
  });
});
