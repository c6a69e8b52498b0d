/**
 * Cycles of "must wait for" over the expanded relation (R-TV-02).
 *
 * A group stands for two moments, its opening and its end: a dependency of a group delays its opening, which every member
 * waits for; a dependency on a group waits for its end, which waits for every member. So a member that depends on its own
 * group, or two groups that wait for parts of each other, are cycles although no two tasks name each other.
 * Linear in tasks and edges, and iterative: depth costs heap, never stack.
 */

/** A task as this check sees it; tasks are known by their position. */
export interface WaitingTask {
  /** Position of the parent; -1: none. Parents form a forest. */
  readonly parent: number;
  /** A task without executor: its dependencies and dependents concern its whole sub-tree. */
  readonly isGroup: boolean;
  /** Positions of the tasks that its enabled dependencies name. */
  readonly sources: readonly number[];
}

/** Edges "waits for" between moments. Moment `i` is the start of task i, `n + i` the end of group i. */
interface Waits {
  readonly taskCount: number;
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
}

/**
 * One cycle of every knot of tasks that wait for each other: a short one, each task waiting for the next and the last for the first.
 * Empty when the tasks can run. Each begins with its first-declared task, and they are in that order.
 */
export function findCycles(tasks: readonly WaitingTask[]): readonly (readonly number[])[] {
  const waits = expand(tasks);
  return findKnots(waits)
    .map((knot) => toTasks(shortCycle(waits, knot), waits.taskCount))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** What the check of the declared order needs to know of the tasks, by position. */
export interface DeclaredTasks {
  /** Positions of parents; -1: none. */
  readonly parents: Int32Array;
  readonly isGroup: (position: number) => boolean;
  /** What its dependencies name; -1: unknown. */
  readonly dependencies: readonly (readonly { readonly source: number }[])[];
}

/**
 * True when every task was declared after all that it waits for, groups with all their members: then there is no cycle, and nothing
 * has to be searched. Each moment has a number (a start that of its task, the end of a group that of its last member), and every
 * wait leads to a lower one, or from the end of a group to that of a group inside it.
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

/** Position of the nearest enclosing group of each task; -1: none. */
export function nearestGroups(tasks: readonly Pick<WaitingTask, 'parent' | 'isGroup'>[]): Int32Array {
  const unknown = -2;
  const groups = new Int32Array(tasks.length).fill(unknown);
  const walked: number[] = [];
  for (let index = 0; index < tasks.length; index++) {
    let at = index;
    let group = unknown;
    while (group === unknown) {
      walked.push(at);
      const parent = tasks[at]?.parent ?? -1;
      if (parent < 0) group = -1;
      else if (tasks[parent]?.isGroup === true) group = parent;
      else group = groups[parent] as number;
      at = parent;
    }
    for (const task of walked) groups[task] = group;
    walked.length = 0;
  }
  return groups;
}

function expand(tasks: readonly WaitingTask[]): Waits {
  const taskCount = tasks.length;
  const groups = nearestGroups(tasks);
  const isGroup = (task: number): boolean => (tasks[task] as WaitingTask).isGroup;
  const endOf = (task: number): number => (isGroup(task) ? taskCount + task : task);
  const each = (visit: (from: number, to: number) => void): void => {
    for (let index = 0; index < taskCount; index++) {
      const { sources } = tasks[index] as WaitingTask;
      for (let at = 0; at < sources.length; at++) visit(index, endOf(sources[at] as number));
      if (isGroup(index)) visit(taskCount + index, index);
      const group = groups[index] as number;
      if (group < 0) continue;
      visit(index, group);
      visit(taskCount + group, endOf(index));
    }
  };
  const offsets = new Int32Array(2 * taskCount + 1);
  each((from) => {
    offsets[from + 1] = (offsets[from + 1] as number) + 1;
  });
  for (let index = 1; index < offsets.length; index++) {
    offsets[index] = (offsets[index] as number) + (offsets[index - 1] as number);
  }
  const targets = new Int32Array(offsets.at(-1) as number);
  const next = offsets.slice(0, -1);
  each((from, to) => {
    const at = next[from] as number;
    targets[at] = to;
    next[from] = at + 1;
  });
  return { taskCount, offsets, targets };
}

/** Strongly connected moments that hold a cycle: Tarjan's depth-first search with its own stack. */
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
      // Alone, as all are where nothing is wrong.
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

/** A shortest cycle through the knot's first-declared moment, breadth first. */
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
 * The tasks of a cycle of moments, each once. A group that occurs with its opening and, later, its end closes a shorter cycle
 * (its end waits for its opening), so only the stretch between them is kept: the shortest such stretch holds no further one.
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
