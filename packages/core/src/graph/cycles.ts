/**
 * Finds cycles of tasks that wait for each other (R-TV-02). Tasks need not name each other to form a cycle: a member may depend on its own
 * group, or two groups may wait for parts of each other. The cost is linear in tasks and edges. Nothing is recursive.
 */
import { visitBefore, type WaitGraph } from './wait-graph.ts';

/** For each moment the moments that it waits for, in one list: those of moment `i` are from `offsets[i]` to `offsets[i + 1]`. */
interface Waits {
  readonly taskCount: number;
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
}

/**
 * Finds one short cycle in every set of tasks that wait for each other. Each task of a cycle waits for the next, the last for the first.
 * A cycle begins with its first-declared task, and the cycles are ordered by these tasks. Empty when the tasks can run.
 */
export function findCycles(graph: Omit<WaitGraph, 'targetsOf'>): readonly (readonly number[])[] {
  const waits = listWaits(graph);
  return findKnots(waits)
    .map((knot) => toTasks(shortCycle(waits, knot), waits.taskCount))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** The data of the tasks that the check of the declared order needs, by position. */
export interface DeclaredTasks {
  /** Positions of parents; -1: none. */
  readonly parents: Int32Array;
  readonly isGroup: (position: number) => boolean;
  /** The tasks that the dependencies of each task name; -1: unknown. */
  readonly dependencies: readonly (readonly { readonly source: number }[])[];
}

/**
 * True when every task is declared after all tasks that it waits for (a group: after all its members). Then there is no cycle, and no search
 * is needed. Proof: number each moment (an opening by its task, the end of a group by its last member). Every wait leads to a lower number,
 * or from the end of a group to the end of a group inside it.
 */
export function isDeclaredInOrder({ parents, isGroup, dependencies }: DeclaredTasks): boolean {
  const lastIn = new Int32Array(parents.length);
  for (let position = parents.length - 1; position >= 0; position--) {
    const parent = parents[position] as number;
    if (parent >= position) return false;
    const last = Math.max(lastIn[position] as number, position);
    lastIn[position] = last;
    if (parent >= 0) lastIn[parent] = Math.max(lastIn[parent] as number, last);
  }
  for (let position = 0; position < parents.length; position++) {
    for (const { source } of dependencies[position] as DeclaredTasks['dependencies'][number]) {
      if (source < 0) continue;
      if ((isGroup(source) ? (lastIn[source] as number) : source) >= position) return false;
    }
  }
  return true;
}

function listWaits(graph: Omit<WaitGraph, 'targetsOf'>): Waits {
  const taskCount = graph.size;
  const offsets = new Int32Array(2 * taskCount + 1);
  let moment = 0;
  const count = (): void => {
    offsets[moment + 1] = (offsets[moment + 1] as number) + 1;
  };
  const isMoment = (): boolean => moment < taskCount || graph.isGroup(moment - taskCount);
  for (; moment < 2 * taskCount; moment++) if (isMoment()) visitBefore(graph, moment, count);
  for (let index = 1; index < offsets.length; index++) {
    offsets[index] = (offsets[index] as number) + (offsets[index - 1] as number);
  }
  const targets = new Int32Array(offsets.at(-1) as number);
  let at = 0;
  const list = (to: number): void => {
    targets[at++] = to;
  };
  for (moment = 0; moment < 2 * taskCount; moment++) if (isMoment()) visitBefore(graph, moment, list);
  return { taskCount, offsets, targets };
}

/** The strongly connected sets of moments that hold a cycle. This is Tarjan's depth-first search with an explicit stack. */
function findKnots(waits: Waits): readonly (readonly number[])[] {
  const { offsets, targets } = waits;
  const count = offsets.length - 1;
  const order = new Int32Array(count);
  const low = new Int32Array(count);
  const isOpen = new Uint8Array(count);
  const next = offsets.slice(0, -1);
  const open: number[] = [];
  const path: number[] = [];
  const knots: number[][] = [];
  let visited = 0;
  const enter = (moment: number): void => {
    order[moment] = low[moment] = ++visited;
    isOpen[moment] = 1;
    open.push(moment);
    path.push(moment);
  };
  const leave = (moment: number): void => {
    path.pop();
    const below = path[path.length - 1];
    if (below !== undefined) low[below] = Math.min(low[below] as number, low[moment] as number);
    if (low[moment] !== order[moment]) return;
    if (open[open.length - 1] === moment && !waitsForItself(waits, moment)) {
      // The set has one moment only, so it holds no cycle. Without cycles all sets are like this.
      open.pop();
      isOpen[moment] = 0;
      return;
    }
    const knot = open.splice(open.lastIndexOf(moment));
    for (const member of knot) isOpen[member] = 0;
    knots.push(knot);
  };
  for (let start = 0; start < count; start++) {
    if (order[start] !== 0) continue;
    enter(start);
    for (let moment = path[path.length - 1]; moment !== undefined; moment = path[path.length - 1]) {
      const at = next[moment] as number;
      if (at === offsets[moment + 1]) {
        leave(moment);
        continue;
      }
      next[moment] = at + 1;
      const target = targets[at] as number;
      if (order[target] === 0) enter(target);
      else if (isOpen[target] === 1) low[moment] = Math.min(low[moment] as number, order[target] as number);
    }
  }
  return knots;
}

function waitsForItself({ offsets, targets }: Waits, moment: number): boolean {
  const end = offsets[moment + 1] as number;
  for (let at = offsets[moment] as number; at < end; at++) if (targets[at] === moment) return true;
  return false;
}

/** A shortest cycle through the first-declared moment of the set, found breadth first. */
function shortCycle({ offsets, targets }: Waits, knot: readonly number[]): readonly number[] {
  const start = knot.reduce((least, moment) => Math.min(least, moment));
  const inKnot = new Set(knot);
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (let head = 0; head < queue.length; head++) {
    const moment = queue[head] as number;
    for (let at = offsets[moment] as number; at < (offsets[moment + 1] as number); at++) {
      const target = targets[at] as number;
      if (target === start) return pathTo(moment, cameFrom);
      if (!inKnot.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, moment);
      queue.push(target);
    }
  }
  return [start];
}

function pathTo(last: number, cameFrom: ReadonlyMap<number, number>): readonly number[] {
  const path: number[] = [];
  for (let moment: number | undefined = last; moment !== undefined; moment = cameFrom.get(moment)) path.push(moment);
  return path.reverse();
}

/**
 * The tasks of a cycle of moments, each once. When both the opening and the end of a group are on the cycle, the part between them is a
 * shorter cycle, because the end waits for the opening. So only the shortest such part is kept, which holds no shorter one.
 */
function toTasks(cycle: readonly number[], taskCount: number): readonly number[] {
  const tasks = cycle
    .map((moment) => moment % taskCount)
    .filter((task, index, all) => index === 0 || task !== all[index - 1]);
  if (tasks.length > 1 && tasks[0] === tasks.at(-1)) tasks.pop();
  let from = 0;
  let to = tasks.length;
  const lastAt = new Map<number, number>();
  for (const [index, task] of tasks.entries()) {
    const before = lastAt.get(task);
    if (before !== undefined && index - before < to - from) {
      from = before;
      to = index;
    }
    lastAt.set(task, index);
  }
  const kept = tasks.slice(from, to);
  const first = kept.indexOf(kept.reduce((least, task) => Math.min(least, task)));
  return [...kept.slice(first), ...kept.slice(0, first)];
}
