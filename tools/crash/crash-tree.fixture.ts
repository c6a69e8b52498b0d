/** The tree of the crash test: 10 groups in a row, in each a head, 17 tasks that fan out from it and a tail that they fan into. 200 tasks below the root. */
import type { TaskSubmission } from '@coppice/core';

const STAGES = 10;
const LEAVES = 17;

export const CRASH_TREE_ID = 'crash';
/** Tasks with an executor: each has one effect. */
export const EFFECTS = STAGES * (LEAVES + 2);

export function crashTree(): readonly TaskSubmission[] {
  const tasks: TaskSubmission[] = [{ id: CRASH_TREE_ID }];
  for (let stage = 0; stage < STAGES; stage++) {
    const group = `g${stage}`;
    const leaves = Array.from({ length: LEAVES }, (_, leaf) => `${group}-leaf${leaf}`);
    const work = (id: string, dependencies: readonly string[]) => ({
      id,
      parentId: group,
      executor: 'effect',
      dependencies,
    });
    tasks.push(
      { id: group, parentId: CRASH_TREE_ID, dependencies: stage === 0 ? [] : [`g${stage - 1}`] },
      work(`${group}-head`, []),
      ...leaves.map((leaf) => work(leaf, [`${group}-head`])),
      work(`${group}-tail`, leaves),
    );
  }
  return tasks;
}
