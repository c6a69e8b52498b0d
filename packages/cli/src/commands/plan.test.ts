import type { RunEvent } from '@coppice/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planOf } from './plan.ts';

interface Sketch {
  readonly parent: number;
  readonly after: readonly number[];
}

/** Events of a tree whose root is task 0; tasks without members execute. `selection`: positions. */
function eventsOf(sketches: readonly Sketch[], selection?: readonly number[]): readonly RunEvent[] {
  const parents = new Set(sketches.slice(1).map(({ parent }) => parent));
  const tasks = sketches.map(({ parent, after }, index) => ({
    id: `id-${index}`,
    key: `k${index}`,
    name: `n${index}`,
    ...(index === 0 ? {} : { parentId: `id-${parent}` }),
    ...(parents.has(index) ? {} : { executor: 'delay' }),
    dependencies: after.map((position) => ({ task: `id-${position}`, enabled: true })),
  }));
  const selected = selection === undefined ? {} : { selection: selection.map((position) => `id-${position}`) };
  return [
    { type: 'TreeCreated', data: { definition: { tasks } } },
    { type: 'RunStarted', data: selected },
  ] as unknown as readonly RunEvent[];
}

it('puts every task in the first stage after all that it, and the groups around it, wait for', () => {
  // Task n hangs below an earlier one and waits for earlier ones that do not hold it.
  const sketch = fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sketch, (raw) => {
      const sketches: Sketch[] = [{ parent: 0, after: [] }];
      const isAround = (outer: number, inner: number): boolean => {
        for (let at = inner; at !== 0; at = sketches[at]?.parent ?? 0) if (at === outer) return true;
        return outer === 0;
      };
      for (const [parent, after] of raw) {
        const own: Sketch = { parent: parent % Math.min(3, sketches.length), after: [] };
        sketches.push(own);
        const index = sketches.length - 1;
        const allowed = after.map((position) => position % index).filter((position) => !isAround(position, index));
        // Only leaves are waited for here: so no later member of a group can close a circle.
        sketches[index] = { ...own, after: allowed.filter((position) => position > 2) };
      }
      const plan = planOf(eventsOf(sketches));
      const stageOf = new Map(plan.map(({ key, stage }) => [key, stage]));
      for (const { key, stage, after } of plan) {
        const before = after.map((dependency) => stageOf.get(dependency) ?? 0);
        expect([key, stage]).toEqual([key, Math.max(0, ...before) + 1]);
      }
    }),
  );
});

it('waits for all members of a group, and lets none of a group begin before it', () => {
  const events = eventsOf([
    { parent: 0, after: [] },
    { parent: 0, after: [] },
    { parent: 0, after: [1] },
    { parent: 1, after: [] },
    { parent: 1, after: [3] },
    { parent: 2, after: [] },
  ]);
  expect(planOf(events).map(({ key, stage, groups, after }) => [key, stage, groups, after])).toEqual([
    ['k3', 1, ['n1'], []],
    ['k4', 2, ['n1'], ['k3']],
    ['k5', 3, ['n2'], ['k1']],
  ]);
});

it('shows the selected tasks only, and survives depth', () => {
  expect(
    planOf(
      eventsOf(
        [0, 0, 0].map((parent) => ({ parent, after: [] })),
        [0, 2],
      ),
    ).map(({ key }) => key),
  ).toEqual(['k2']);
  const deep = Array.from({ length: 20_000 }, (_, index) => ({ parent: Math.max(0, index - 1), after: [] }));
  expect(planOf(eventsOf(deep))).toMatchObject([{ key: 'k19999', stage: 1 }]);
});
