/** Gates that count runs: which runs have a place there, and which wait for one. */
import { describe, expect, it } from 'vitest';
import { definitionFor, Scenario, tasksOf } from '../run/run.fixture.ts';
import { fromSnapshot, toSnapshot } from '../run/snapshot.ts';
import { copyOf } from '../task/copy-source.fixture.ts';
import type { TreeDefinition } from '../task/task.ts';
import { Admission } from './admission.ts';
import type { GateLimits } from './gate-limits.ts';
import { heldUnits } from './held-units.ts';
import { LimitGates } from './limit-gates.ts';

const ONE_BY_ONE: GateLimits = { perUser: 1, userStarts: { count: 1, perMs: 1_000 } };
const TREE = definitionFor({ tasks: tasksOf({ x: [], y: ['x'] }) });

/** A run of ann. */
const runOf = (treeId: string, definition: TreeDefinition = TREE): Scenario =>
  new Scenario([], { definition: { ...definition, treeId: treeId as never } });

/** A run of which x has completed and y has failed. */
function halfDone(treeId: string): Scenario {
  const run = runOf(treeId);
  run.execute();
  run.start('x');
  run.complete('x');
  run.start('y');
  run.fail('y');
  expect(run.run.status).toBe('failed');
  return run;
}

class Desk {
  readonly gates = new LimitGates(ONE_BY_ONE, () => undefined);
  readonly admission = new Admission({ gates: this.gates, ageingMs: 1_000_000 });

  add({ run }: Scenario): void {
    for (const task of run.tasks) if (task.status === 'ready') this.admission.enqueue(run, task, 0);
  }

  /** Tasks that may start, as `tree/task`. */
  pick(nowMs: number): string[] {
    const { picked } = this.admission.pick(nowMs, 100);
    return picked.map(({ run, task }) => `${run.treeId}/${task.id}`);
  }

  get places(): number | undefined {
    return this.admission.uses().find(({ gate }) => gate === 'user:ann')?.used;
  }

  /** Places at the gate of the user, worked out from the state of a run. */
  placesOf({ run }: Scenario): number {
    return heldUnits(this.gates, run).find(({ gate }) => gate === 'user:ann')?.held ?? 0;
  }
}

/** A run with results of attempts that were made before it was opened. */
const WITH_RESULTS: readonly (readonly [what: string, make: () => Scenario])[] = [
  [
    'opened again',
    () => {
      const again = halfDone('b');
      again.retry('failure');
      return again;
    },
  ],
  [
    'copied with its results',
    () => {
      const copy = runOf('b', copyOf(halfDone('a').run, 'y', { mode: 'full' }));
      copy.execute();
      return copy;
    },
  ],
];

describe('R-LM-07 R-LM-08 a run with results', () => {
  it.each(WITH_RESULTS)(
    'that is %s waits for its place among the runs of its user, and is one start more',
    (_, make) => {
      const desk = new Desk();
      const other = runOf('other');
      other.execute();
      desk.add(other);
      expect(desk.pick(0)).toEqual(['other/x']);
      const again = make();
      const open = again.ids('ready');
      expect(open).not.toEqual([]);
      desk.add(again);
      expect([desk.places, desk.placesOf(again), desk.pick(5_000)]).toEqual([1, 0, []]);
      desk.admission.dropRun(other.run.treeId);
      expect(desk.places).toBe(0);
      expect(desk.pick(5_000)).toEqual(open.map((id) => `b/${id}`));
      again.start(...open);
      expect([desk.places, desk.placesOf(again)]).toEqual([1, 1]);
      desk.admission.dropRun(again.run.treeId);
      const third = runOf('third');
      third.execute();
      desk.add(third);
      expect(desk.pick(5_500)).toEqual([]);
      expect(desk.pick(6_000)).toEqual(['third/x']);
    },
  );

  it.each(WITH_RESULTS)('that is %s is known not to have begun from its snapshot, too', (_, make) => {
    const again = make();
    expect([again.run.hasBegun, fromSnapshot(toSnapshot(again.run)).hasBegun]).toEqual([false, false]);
    again.start(again.ids('ready')[0]!);
    expect([again.run.hasBegun, fromSnapshot(toSnapshot(again.run)).hasBegun]).toEqual([true, true]);
    expect(toSnapshot(again.run)).not.toHaveProperty('begun');
  });
});
