/** Makes tasks of a generated tree grow, wait and share: executors that add tasks, answers that somebody must give, variables that are written and read, limits of groups. */
import { isGroup, type Json, type JsonObject, type SeededRandom, type TaskSubmission } from '@coppice/core';

/** A variable for each merge that comes with Coppice. */
export const FLOW_VARIABLES: JsonObject = {
  total: { value: 0, merge: 'sum' },
  most: { value: null, merge: 'max' },
  least: { value: null, merge: 'min' },
  log: { value: [], merge: 'append' },
  seen: { value: [], merge: 'union' },
  map: { value: {}, merge: 'deepMerge' },
  stage: 'new',
};

/** What tasks set. */
const SETS: readonly JsonObject[] = [
  { total: 3, most: '${{ size(task.key) }}', seen: ['a', 'b'] },
  { log: '${{ task.key }}', least: '${{ size(task.key) }}' },
  { map: { '${{ task.key }}': 1, both: { x: '${{ size(task.key) }}' } } },
  { total: '${{ size(vars.seen) }}', seen: 'c' },
];

/** The signal whose payload is always the same, so that nothing depends on who gets which. */
export const SAME_SIGNAL = 's2';

/** Works on the tree as it was submitted, before anything is multiplied. */
export function flowing(tasks: readonly TaskSubmission[], random: SeededRandom): readonly TaskSubmission[] {
  const parents = new Set(tasks.map(({ parentId }) => parentId));
  return tasks.map((task) => {
    const isLeaf = !parents.has(task.id) && task.executor !== undefined;
    const changed = isLeaf
      ? { ...task, ...workOf(task, random) }
      : isGroup(task)
        ? { ...task, ...groupOf(task, random) }
        : task;
    const tagged = random.next() < 0.3 ? { ...changed, tags: ['kept'] } : changed;
    return tagged.executor === undefined || random.next() < 0.6 ? tagged : { ...tagged, ...reading(tagged, random) };
  });
}

/** What waits can not have. */
const NO_WORK = { executor: undefined, set: undefined, policies: undefined };

function workOf({ executor }: TaskSubmission, random: SeededRandom): Partial<TaskSubmission> {
  const chance = random.integer(20);
  if (chance < 3) return { executor: 'planner' };
  if (chance < 6) return { executor: 'writer' };
  if (chance < 8) return { ...NO_WORK, approval: { title: 'May ${{ task.key }} go on?' } };
  if (chance < 9) return { ...NO_WORK, wait: { signal: SAME_SIGNAL } };
  return { executor };
}

function groupOf({ declares }: TaskSubmission, random: SeededRandom): Partial<TaskSubmission> {
  const chance = random.integer(10);
  return {
    ...(chance < 3 ? { policies: { concurrency: 1 + random.integer(2) } } : {}),
    // What declares inputs and outputs has its own.
    ...(chance > 6 && declares === undefined ? { inputs: { most: '${{ vars.most }}' } } : {}),
    ...(chance % 4 === 3 && declares === undefined ? { output: { members: '${{ size(deps) }}' } } : {}),
  };
}

/** `seen` of the input is what the task has read of the variables. */
function reading({ set }: TaskSubmission, random: SeededRandom): Partial<TaskSubmission> {
  const names = Object.keys(FLOW_VARIABLES).filter((name) =>
    name === 'stage' ? random.next() < 0.15 : random.next() < 0.7,
  );
  const seen: Json = Object.fromEntries(names.map((name) => [name, `\${{ vars.${name} }}`]));
  return { inputs: { seen }, set: random.next() < 0.3 ? SETS[random.integer(SETS.length)] : set };
}
