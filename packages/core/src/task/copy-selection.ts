/**
 * Which tasks of a tree a copy takes over, and which of them run again.
 *
 * 1. The copy is closed: with a task that runs again it takes all dependencies of the task and of the groups around it (of a group the
 *    whole sub-tree), and each group around it whose inputs it may read. The root of the copy is the nearest task that is above all tasks
 *    taken. Tasks above this root are not copied.
 * 2. A task keeps its outcome only if it does not depend, even through tasks that are left out, on a task that runs again.
 * 3. A group keeps its outcome only if no task below it runs again.
 *    What cleans up after its members runs again then, if the copy takes it.
 * 4. The copy is minimal: it takes no other tasks. A task that only holds others together does no work: it keeps its outcome, or it becomes
 *    a group without dependencies.
 * The order in which the tasks are visited does not change the result.
 */
import { createSpread } from '../graph/spread.ts';
import { visitBelow } from '../graph/tree-graph.ts';
import type { TreeGraph } from '../graph/tree-graph.ts';

/** The tasks that a copy is asked to take. */
export interface CopyPlan {
  /** Tasks that run again. */
  readonly rerun: readonly number[];
  /** Take also the ancestors of what is kept, as far as they may be kept. */
  readonly takesAncestors: boolean;
  /** Take every task. */
  readonly isWhole: boolean;
  /** Whether the task's outcome may be carried over. */
  mayKeep(position: number): boolean;
  /** Whether what is below the group may read it: a copy of that without the group could not run. */
  isRead(position: number): boolean;
  /** Whether the task cleans up after the other members of its group: it runs again with any of them. */
  cleansUp(position: number): boolean;
  /** Whether the group made its members while the run went on. */
  makes(position: number): CopyMakes;
}

/** How a group makes its members; undefined: they are declared. */
export type CopyMakes = 'members' | 'one after the other' | undefined;

/** The tasks that a copy takes, by position. */
export interface CopySelection {
  has(position: number): boolean;
  /** Whether a group makes its members anew. */
  startsAnew(position: number): boolean;
  /** Whether a task that is taken runs again. */
  runs(position: number): boolean;
  /** Whether a task that is taken only holds others together. */
  isHolder(position: number): boolean;
  /** The root of the copy. */
  readonly top: number;
}

/** Adds to the plan every task that its tasks need. Cost: linear in tasks and edges. */
export function selectForCopy(graph: TreeGraph, plan: CopyPlan): CopySelection {
  const isTaken = new Uint8Array(graph.size);
  const isRerun = new Uint8Array(graph.size);
  const isRunning = new Uint8Array(graph.size);
  const isWhole = new Uint8Array(graph.size);
  /** `isReopened`: waits again for something that runs again. `isHot`: a group with a task below it that runs. */
  const isReopened = new Uint8Array(graph.size);
  const isHot = new Uint8Array(graph.size);
  const stale = createSpread(graph);
  const queue: number[] = [];
  const kept: number[] = [];
  for (const position of plan.rerun) isRerun[position] = 1;

  const run = (position: number): void => {
    if (isRunning[position] === 1) return;
    isRunning[position] = 1;
    queue.push(position);
  };
  const take = (position: number): void => {
    if (isTaken[position] === 1) return;
    isTaken[position] = 1;
    if (isRerun[position] === 1 || isHot[position] === 1 || stale.has(position) || !plan.mayKeep(position))
      run(position);
    else if (plan.cleansUp(position) && isHot[graph.parentOf(position)] === 1) run(position);
    else if (plan.takesAncestors) kept.push(position);
  };
  const takeWhole = (top: number): void => {
    take(top);
    if (!graph.isGroup(top) || isWhole[top] === 1) return;
    isWhole[top] = 1;
    visitBelow(graph, top, (member) => {
      take(member);
      if (isWhole[member] === 1) return false;
      if (graph.isGroup(member)) isWhole[member] = 1;
      return true;
    });
  };
  const follow = (position: number): void => {
    for (const reached of stale.from([position])) {
      isReopened[reached] = 1;
      if (isTaken[reached] === 1) run(reached);
    }
    for (const source of graph.namedBy(position)) takeWhole(source);
    for (let up = graph.parentOf(position); up >= 0; up = graph.parentOf(up)) {
      if (!graph.isGroup(up)) continue;
      if (isHot[up] === 1) break;
      isHot[up] = 1;
      if (isTaken[up] === 1) run(up);
      else if (graph.namedBy(up).length > 0 || plan.isRead(up)) take(up);
      for (const member of graph.childrenOf(up)) if (isTaken[member] === 1 && plan.cleansUp(member)) run(member);
    }
  };

  for (const position of plan.rerun) take(position);
  if (plan.isWhole) for (let position = 0; position < graph.size; position++) take(position);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) follow(next);
  if (plan.takesAncestors) takeAncestors(graph, plan, { kept, take });
  const { top, holders } = connect(graph, isTaken);
  const isKept = (position: number): boolean => plan.mayKeep(position) && !stale.has(position);
  const isHolder = holdTogether(graph, holders, { isTaken, isRunning, isHot, isKept });
  const isGiven = (position: number): boolean => isRerun[position] === 1 || isReopened[position] === 1;
  const isAnew = startOver(graph, plan, { isTaken, isRunning, isGiven });
  return {
    startsAnew: (position) => isAnew[position] === 1,
    has: (position) => isTaken[position] === 1,
    runs: (position) => isRunning[position] === 1,
    isHolder: (position) => isHolder[position] === 1,
    top,
  };
}

/** Takes the ancestors of what is kept, as far as they may be kept, too. None of them runs again. `kept` grows by what is taken. */
function takeAncestors(
  graph: TreeGraph,
  plan: CopyPlan,
  { kept, take }: { readonly kept: readonly number[]; readonly take: (position: number) => void },
): void {
  const takeKept = (position: number): boolean => {
    if (plan.mayKeep(position)) take(position);
    return true;
  };
  for (let next = 0; next < kept.length; next++) {
    const position = kept[next] as number;
    for (let at = position; at >= 0; at = graph.parentOf(at)) {
      if (at !== position && !graph.isGroup(at)) continue;
      for (const source of graph.namedBy(at)) {
        takeKept(source);
        if (graph.isGroup(source)) visitBelow(graph, source, takeKept);
      }
    }
  }
}

interface HolderMarks {
  readonly isTaken: Uint8Array;
  readonly isRunning: Uint8Array;
  readonly isHot: Uint8Array;
  readonly isKept: (position: number) => boolean;
}

/** Takes what lies between the tasks that are taken. What can not keep its outcome only holds the others together. */
function holdTogether(
  graph: TreeGraph,
  holders: readonly number[],
  { isTaken, isRunning, isHot, isKept }: HolderMarks,
): Uint8Array {
  const isHolder = new Uint8Array(graph.size);
  // From below: a group that holds something open has to be open itself.
  for (const position of holders.toReversed()) {
    isTaken[position] = 1;
    if (isKept(position) && isHot[position] === 0) continue;
    isHolder[position] = 1;
    if (graph.isGroup(position)) isRunning[position] = 1;
    for (let up = graph.parentOf(position); up >= 0 && isHot[up] === 0; up = graph.parentOf(up)) {
      if (!graph.isGroup(up)) continue;
      isHot[up] = 1;
      break;
    }
  }
  return isHolder;
}

interface CopyMarks {
  readonly isTaken: Uint8Array;
  readonly isRunning: Uint8Array;
  /** True for a task that runs again by itself, or waits again for one that does. */
  readonly isGiven: (position: number) => boolean;
}

/** A group that starts over makes its members anew, so the former ones are not taken. One that only goes on keeps those that it has. */
function startOver(graph: TreeGraph, plan: CopyPlan, { isTaken, isRunning, isGiven }: CopyMarks): Uint8Array {
  const isAnew = new Uint8Array(graph.size);
  for (let position = 0; position < graph.size; position++) {
    const makes = isRunning[position] === 1 ? plan.makes(position) : undefined;
    if (makes === undefined) continue;
    const copies = makes === 'one after the other' ? graph.childrenOf(position) : [];
    const runsEarlierCopy = copies.some((copy, at) => at < copies.length - 1 && isRunning[copy] === 1);
    if (!isGiven(position) && !runsEarlierCopy) continue;
    isAnew[position] = 1;
    visitBelow(graph, position, (member) => (isTaken[member] = 0) === 0);
  }
  return isAnew;
}

/** The root of the copy (the nearest task that is, or is above, all tasks taken), and the tasks between the root and the tasks taken. */
function connect(graph: TreeGraph, isTaken: Uint8Array): { readonly top: number; readonly holders: readonly number[] } {
  const order: number[] = [];
  for (let position = 0; position < graph.size; position++) {
    if (graph.parentOf(position) >= 0) continue;
    order.push(position);
    visitBelow(graph, position, (member) => order.push(member) > 0);
  }
  const counts = Uint32Array.from(isTaken);
  let total = 0;
  for (const position of order.toReversed()) {
    const parent = graph.parentOf(position);
    if (parent >= 0) counts[parent] = (counts[parent] as number) + (counts[position] as number);
    total += isTaken[position] as number;
  }
  let top = order.find((position) => counts[position] === total) ?? 0;
  for (let next: number | undefined = top; next !== undefined && isTaken[top] === 0;) {
    next = graph.childrenOf(top).find((child) => counts[child] === total);
    if (next !== undefined) top = next;
  }
  const holders = [top];
  visitBelow(graph, top, (position) => (counts[position] as number) > 0 && holders.push(position) > 0);
  return { top, holders: holders.filter((position) => isTaken[position] === 0) };
}
