import { describe, expect, it } from 'vitest';
import { fold } from '../run/evolve.ts';
import { Scenario, tasksOf } from '../run/run.fixture.ts';
import type { RunState } from '../run/state.ts';
import { heldUnits, type HeldUnits } from './held-units.ts';
import { LimitGates } from './limit-gates.ts';

const gates = new LimitGates({ global: 9, perTree: 5, perUser: 2, executors: { work: 3 } }, () => undefined);

function held(run: RunState): Record<string, number> {
  return Object.fromEntries(heldUnits(gates, run).map(({ gate, held: units }) => [gate, units]));
}

describe('what a run holds at gates', () => {
  it('R-PR-09: follows from its state, at any moment of its log', () => {
    const s = new Scenario(tasksOf({ a: [], b: [], c: ['a'] }));
    expect(held(s.run)).toEqual({});
    s.execute();
    s.start('a', 'b');
    const two: Record<string, number> = { global: 2, 'tree:root': 2, 'executor:work': 2, 'user:ann': 1 };
    const inTree = (run: RunState) =>
      Object.fromEntries(
        Object.entries(held(run)).map(([gate, units]) => [gate.replace(/^tree:.*/, 'tree:root'), units]),
      );
    expect(inTree(s.run)).toEqual(two);
    const { seq } = s.run;
    s.completeAll();
    s.complete('b');
    s.complete('a');
    s.complete('c');
    expect(held(s.run)).toEqual({});
    expect(inTree(fold(s.log.slice(0, seq)) as RunState)).toEqual(two);
  });

  it('counts at the gate of each group around a task that limits what is below it', () => {
    const s = new Scenario(tasksOf({ g: { group: true, policies: { concurrency: 2 } }, a: { parentId: 'g' }, b: [] }));
    s.execute();
    s.start('a', 'b');
    expect(held(s.run)).toMatchObject({ global: 2, 'scope:g': 1 });
  });

  it('R-CP-08: names the closed gate of a pause, and the ready tasks that wait there', () => {
    const s = new Scenario(tasksOf({ a: [], b: [] }));
    s.execute();
    s.when({ type: 'pause', failing: [] });
    const found: readonly HeldUnits[] = heldUnits(gates, s.run);
    expect(found).toEqual([{ gate: 'paused:root', held: 0, limit: 0, closedTo: 2 }]);
  });
});
