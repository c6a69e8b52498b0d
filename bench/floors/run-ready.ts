/** The least scheduling there is: counters of unmet dependencies and a list of ready tasks. Under all floors. */
import type { WorkTask } from '../workload.ts';

export interface ReadyTree {
  /** Takes ready tasks while there are places, and starts each. */
  pump(): void;
  /** A task has ended: its place is free, and its dependents may be ready. Does not pump. */
  settle(position: number): void;
}

export interface ReadyTreeOptions {
  readonly concurrency: number;
  /** Called with a task's position for each task that may run. */
  readonly start: (position: number) => void;
  /** Called when the last task has ended. */
  readonly ended: () => void;
}

/** Prepares one tree; the first `pump` starts it. */
export function createReadyTree(
  tasks: readonly WorkTask[],
  { concurrency, start, ended }: ReadyTreeOptions,
): ReadyTree {
  const positions = new Map<string, number>();
  for (const [position, { name }] of tasks.entries()) positions.set(name, position);
  const unmet = new Int32Array(tasks.length);
  const dependents: number[][] = tasks.map(() => []);
  const ready: number[] = [];
  for (const [position, { dependencies }] of tasks.entries()) {
    unmet[position] = dependencies.length;
    if (dependencies.length === 0) ready.push(position);
    for (const name of dependencies) dependents[positions.get(name) as number]?.push(position);
  }
  let head = 0;
  let running = 0;
  let left = tasks.length;
  return {
    pump() {
      while (head < ready.length && running < concurrency) {
        running++;
        start(ready[head++] as number);
      }
    },
    settle(position) {
      for (const dependent of dependents[position] as number[]) {
        const rest = (unmet[dependent] as number) - 1;
        unmet[dependent] = rest;
        if (rest === 0) ready.push(dependent);
      }
      running--;
      if (--left === 0) ended();
    },
  };
}
