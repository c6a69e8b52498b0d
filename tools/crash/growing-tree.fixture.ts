/** A tree that grows, waits and shares: copies per item and one after the other, an executor that adds tasks, answers, a signal, and variables. */
import type { TaskId, TaskSubmission, TreeSubmission } from '@coppice/core';

export const GROWING_TREE_ID = 'grow' as TaskId;
export const APPROVALS = 6;
const ITEMS = Array.from({ length: 16 }, (_, at) => at);
const TURNS = 10;
/** Tasks that the planner adds, each with an effect. */
export const PLANNED = 5;
/** Tasks with an effect: the first and the last, the planner, and what follows each approval on one of its two ports. */
export const EFFECTS = 3 + ITEMS.length + TURNS + PLANNED + APPROVALS;

const below = (id: string, more: Partial<TaskSubmission>): TaskSubmission => ({
  id,
  parentId: GROWING_TREE_ID,
  ...more,
});
const effect = (id: string, more: Partial<TaskSubmission>): TaskSubmission =>
  below(id, { executor: 'effect', ...more });

const approvals = Array.from({ length: APPROVALS }, (_, at): readonly TaskSubmission[] => [
  below(`ask${at}`, { approval: { title: 'May ${{ task.key }} go on?' } }),
  effect(`yes${at}`, { dependencies: [`ask${at}`], set: { log: '${{ task.key }}' } }),
  effect(`no${at}`, { dependencies: [{ task: `ask${at}`, port: 'rejected' }], set: { log: '${{ task.key }}' } }),
]);

export const GROWING_TREE: TreeSubmission = {
  variables: {
    total: { value: 0, merge: 'sum' },
    turns: { value: 0, merge: 'sum' },
    log: { value: [], merge: 'append' },
    stage: 'new',
  },
  tasks: [
    { id: GROWING_TREE_ID },
    effect('list', { set: { stage: '${{ task.key }}' } }),
    effect('each', {
      dependencies: ['list'],
      forEach: ITEMS,
      set: { total: '${{ item }}', log: '${{ item }}' },
      policies: { concurrency: 2 },
    }),
    effect('loop', {
      dependencies: ['list'],
      repeat: { until: `vars.turns == ${TURNS}`, max: 2 * TURNS, delayMs: 5 },
      set: { turns: 1, stage: '${{ task.key }}' },
    }),
    below('plan', { dependencies: ['list'], executor: 'planner' }),
    below('go', { dependencies: ['list'], wait: { signal: 'go' } }),
    below('pause', { wait: { forMs: 60 } }),
    ...approvals.flat(),
    effect('end', {
      dependencies: ['each', 'loop', 'plan', 'go', 'pause', ...approvals.flat().map(({ id }) => id as string)].map(
        (task) => ({ task, on: ['success', 'skipped'], port: null }),
      ),
      join: 'settled',
      inputs: { seen: { total: '${{ vars.total }}', log: '${{ vars.log }}', stage: '${{ vars.stage }}' } },
    }),
  ],
};
