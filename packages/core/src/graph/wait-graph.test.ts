import type { TaskId } from '@coppice/extension';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { graphOf } from '../run/run-graph.ts';
import { buildRun } from '../run/build.ts';
import type { TaskDefinition } from '../task/task.ts';
import { DEFAULTS } from '../task/field-list.ts';
import { createTreeGraph } from './tree-graph.ts';
import { visitAfter, visitBefore, type WaitGraph } from './wait-graph.ts';

/** Trees with groups, parents that have executors, several edges between two tasks, and edges that are disabled. */
const trees = fc
  .array(
    fc.record({
      parent: fc.nat(),
      isGroup: fc.boolean(),
      sources: fc.array(fc.record({ at: fc.nat(), enabled: fc.boolean() }), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((seeds) =>
    seeds.map(({ parent, isGroup, sources }, index): TaskDefinition => {
      const id = (at: number): TaskId => `t${at}` as TaskId;
      return {
        ...DEFAULTS,
        id: id(index),
        key: id(index),
        name: id(index),
        parentId: index === 0 ? undefined : id(parent % index),
        executor: isGroup ? undefined : 'work',
        dependencies: sources.map(({ at, enabled }) => {
          const task = id(at % seeds.length);
          return { task, ref: task, required: true, on: ['success'], enabled };
        }),
      };
    }),
  );

/** All pairs "the first waits for the second", from both directions. */
function waitsOf(graph: WaitGraph): { readonly before: readonly string[]; readonly after: readonly string[] } {
  const before = new Set<string>();
  const after = new Set<string>();
  for (let moment = 0; moment < 2 * graph.size; moment++) {
    if (moment >= graph.size && !graph.isGroup(moment - graph.size)) continue;
    visitBefore(graph, moment, (awaited) => before.add(`${moment} waits for ${awaited}`));
    visitAfter(graph, moment, (waiting) => after.add(`${waiting} waits for ${moment}`));
  }
  return { before: [...before].sort(), after: [...after].sort() };
}

it('says the same from both ends of a wait', () => {
  fc.assert(
    fc.property(trees, (tasks) => {
      const { before, after } = waitsOf(createTreeGraph(tasks));
      expect(after).toEqual(before);
    }),
  );
});

it('is the same for a run as for the definitions that it was made from', () => {
  fc.assert(
    fc.property(trees, (tasks) => {
      const definition = { treeId: 't0' as TaskId, tasks, inputs: {}, variables: {}, policies: {} };
      const data = { definition, userId: 'ann', seed: '' };
      const run = buildRun({ type: 'TreeCreated', seq: 1, atMs: 0, taskId: undefined, attempt: undefined, data });
      expect(waitsOf(graphOf(run))).toEqual(waitsOf(createTreeGraph(tasks)));
    }),
  );
});
