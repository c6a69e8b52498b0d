/** The spread of tasks that run (again): everything that waits for them, directly or transitively. */
import { endOf, visitAfter, type WaitGraph } from './wait-graph.ts';

export interface Spread {
  /** Adds tasks. Returns the other tasks whose opening is newly delayed by them. The cost of all calls together is linear. */
  from(positions: Iterable<number>): readonly number[];
  /** True for a task that was added, and for a task whose opening is delayed. */
  has(position: number): boolean;
  /** Groups whose end is delayed. */
  readonly closing: readonly number[];
}

/** Called for each opening that is newly delayed, with the moment that delays it; also for tasks that were just added. */
export type OnOpened = (task: number, by: number) => void;

export function createSpread(graph: Omit<WaitGraph, 'sourcesOf'>, opened?: OnOpened): Spread {
  const { size } = graph;
  const isSeen = new Uint8Array(2 * size);
  const isAdded = new Uint8Array(size);
  const queue: number[] = [];
  const closing: number[] = [];
  let reached: number[] = [];
  let by = -1;
  const visit = (moment: number): void => {
    if (isSeen[moment] === 1) return;
    isSeen[moment] = 1;
    queue.push(moment);
    if (moment >= size) closing.push(moment - size);
    else {
      opened?.(moment, by);
      if (isAdded[moment] === 0) reached.push(moment);
    }
  };
  return {
    from(positions) {
      reached = [];
      for (const position of positions) {
        if (isAdded[position] === 1 || isSeen[position] === 1) continue;
        isAdded[position] = 1;
        by = position;
        visit(endOf(graph, position));
      }
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        by = next;
        visitAfter(graph, next, visit);
      }
      return reached;
    },
    has: (position) => isAdded[position] === 1 || isSeen[position] === 1,
    closing,
  };
}
