/** Floor in memory: one awaited promise per task, no state, no events, no limits but the concurrency. */
import type { Subject } from '../subject.ts';
import { inLanes, type WorkTask } from '../workload.ts';
import { createReadyTree } from './run-ready.ts';

export const memoryFloor: Subject = {
  name: 'floor-memory',
  open: () =>
    Promise.resolve({
      run: (workload, witness) =>
        inLanes(workload.trees.length, workload.treesAtOnce, (index) =>
          runTree(workload.trees[index] as readonly WorkTask[], workload.concurrency, (name) =>
            witness.execute(index, name),
          ),
        ),
      close: () => Promise.resolve(),
    }),
};

function runTree(
  tasks: readonly WorkTask[],
  concurrency: number,
  execute: (name: string) => Promise<unknown>,
): Promise<void> {
  return new Promise((ended, reject) => {
    const start = (position: number): void => {
      execute((tasks[position] as WorkTask).name).then(() => {
        tree.settle(position);
        tree.pump();
      }, reject);
    };
    const tree = createReadyTree(tasks, { concurrency, start, ended });
    tree.pump();
  });
}
