/**
 * The graph of waits. Cycles, dependents, needs, resets and copies all use this one relation.
 *
 * A task is known by its position. A group has two moments, its opening and its end; for a task with an executor the two are one moment.
 * Moment `i` is the opening of task i, and `size + i` is the end of group i.
 *
 * 1. An opening waits for the end of the source of each enabled dependency, and for the opening of the group around it.
 * 2. The end of a group waits for its opening, and for the end of each member.
 *
 * So a dependency of a group gates all its members, and a dependency on a group waits for all of them.
 */

/** A tree as the walks see it. Lists are in declared order. */
export interface WaitGraph {
  readonly size: number;
  isGroup(position: number): boolean;
  /** The nearest group around a task; -1: none. */
  groupOf(position: number): number;
  /** The members of a group: the tasks whose nearest group it is. */
  membersOf(group: number): readonly number[];
  /** Tasks that the enabled dependencies of the task name. */
  sourcesOf(position: number): readonly number[];
  /** Tasks that have an enabled dependency on the task. */
  targetsOf(position: number): readonly number[];
}

/** The data that a graph is made from, by position. */
export interface Links {
  /** Position of each task's parent; -1: none. There are no cycles. */
  readonly parents: ArrayLike<number>;
  readonly isGroup: (position: number) => boolean;
  /** Tasks that the enabled dependencies of each task name. */
  readonly sources: readonly (readonly number[])[];
}

export const NONE: readonly number[] = [];

/** Builds a graph. Lists that only some walks use are made at their first use. */
export function createWaitGraph({ parents, isGroup, sources }: Links): WaitGraph {
  let groups: Int32Array | undefined;
  let members: Lists | undefined;
  let targets: Lists | undefined;
  const allGroups = (): Int32Array => (groups ??= nearestGroups(parents, isGroup));
  return {
    size: parents.length,
    isGroup,
    groupOf: (position) => allGroups()[position] as number,
    membersOf: (group) => (members ??= below(allGroups()))[group] ?? NONE,
    sourcesOf: (position) => sources[position] as readonly number[],
    targetsOf: (position) => (targets ??= targetsIn(sources))[position] ?? NONE,
  };
}

/** A list for each position; undefined: empty. */
type Lists = readonly (readonly number[] | undefined)[];

/** For each position the positions directly below it. */
export function below(above: ArrayLike<number>): Lists {
  const lists: (number[] | undefined)[] = Array.from({ length: above.length });
  for (let position = 0; position < above.length; position++) {
    const holder = above[position] as number;
    if (holder >= 0) (lists[holder] ??= []).push(position);
  }
  return lists;
}

function targetsIn(sources: Links['sources']): Lists {
  const lists: (number[] | undefined)[] = Array.from({ length: sources.length });
  for (let target = 0; target < sources.length; target++) {
    const named = sources[target] as readonly number[];
    for (let at = 0; at < named.length; at++) (lists[named[at] as number] ??= []).push(target);
  }
  return lists;
}

/** Position of the nearest enclosing group of each task; -1: none. */
export function nearestGroups(parents: Links['parents'], isGroup: Links['isGroup']): Int32Array {
  const unknown = -2;
  const groups = new Int32Array(parents.length).fill(unknown);
  const walked: number[] = [];
  for (let index = 0; index < parents.length; index++) {
    let at = index;
    let group = groups[at] as number;
    while (group === unknown) {
      walked.push(at);
      const parent = parents[at] as number;
      if (parent < 0) group = -1;
      else group = isGroup(parent) ? parent : (groups[parent] as number);
      at = parent;
    }
    for (const task of walked) groups[task] = group;
    walked.length = 0;
  }
  return groups;
}

/** The moment at which a task has ended. */
export function endOf(graph: Pick<WaitGraph, 'size' | 'isGroup'>, task: number): number {
  return graph.isGroup(task) ? graph.size + task : task;
}

/** The task of a moment. */
export function taskOf({ size }: Pick<WaitGraph, 'size'>, moment: number): number {
  return moment < size ? moment : moment - size;
}

/** Calls `visit` for each moment that a moment waits for. */
export function visitBefore(
  graph: Omit<WaitGraph, 'targetsOf'>,
  moment: number,
  visit: (moment: number) => void,
): void {
  const { size } = graph;
  if (moment >= size) {
    visit(moment - size);
    const members = graph.membersOf(moment - size);
    for (let at = 0; at < members.length; at++) visit(endOf(graph, members[at] as number));
    return;
  }
  const sources = graph.sourcesOf(moment);
  for (let at = 0; at < sources.length; at++) visit(endOf(graph, sources[at] as number));
  const group = graph.groupOf(moment);
  if (group >= 0) visit(group);
}

/** Calls `visit` for each moment that waits for a moment. */
export function visitAfter(graph: Omit<WaitGraph, 'sourcesOf'>, moment: number, visit: (moment: number) => void): void {
  const { size } = graph;
  const task = taskOf(graph, moment);
  if (moment < size && graph.isGroup(task)) {
    const members = graph.membersOf(task);
    for (let at = 0; at < members.length; at++) visit(members[at] as number);
    visit(size + task);
    return;
  }
  const targets = graph.targetsOf(task);
  for (let at = 0; at < targets.length; at++) visit(targets[at] as number);
  const group = graph.groupOf(task);
  if (group >= 0) visit(size + group);
}
