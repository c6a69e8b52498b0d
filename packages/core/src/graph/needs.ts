/** The tasks that tasks transitively wait for. */
import { endOf, taskOf, visitBefore, type WaitGraph } from './wait-graph.ts';

/** The tasks, everything that their ends wait for, and the groups around them. The cost is linear in the size of the result. */
export function needsOf(graph: Omit<WaitGraph, 'targetsOf'>, tasks: Iterable<number>): readonly number[] {
  const isSeen = new Uint8Array(2 * graph.size);
  const needed = new Set<number>();
  const queue: number[] = [];
  const visit = (moment: number): void => {
    if (isSeen[moment] === 1) return;
    isSeen[moment] = 1;
    needed.add(taskOf(graph, moment));
    queue.push(moment);
  };
  for (const task of tasks) visit(endOf(graph, task));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) visitBefore(graph, next, visit);
  return [...needed];
}
