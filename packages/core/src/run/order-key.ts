/**
 * Order keys (R-SC-03): the path of declared positions from the root to a task. Keys are compared at their first difference, and a task comes
 * before what is below it. A key never changes, also when tasks are added below others later, so queues may be sorted by it.
 *
 * No key is stored: the tree is the path. Tasks with the same parent share a level, which knows the level above and one further up, such
 * that two tasks are compared in O(log depth) steps however deep they are (skew-binary jump pointers: Myers, "An applicative random-access
 * stack", 1983).
 */
import type { TaskState, TreeLevel } from './state.ts';

/** The level of a root. */
export function newRootLevel(): TreeLevel {
  const level = { depth: 0, position: 0 } as { -readonly [Field in keyof TreeLevel]: TreeLevel[Field] };
  level.up = level;
  level.jump = level;
  return level;
}

/** The level of a task's children. */
export function levelBelow({ level: up, position }: TaskState): TreeLevel {
  const { jump } = up;
  const isEven = up.depth - jump.depth === jump.depth - jump.jump.depth;
  return { depth: up.depth + 1, position, up, jump: isEven ? jump.jump : up };
}

/** True when the key of `a` is smaller than that of `b`, a task of the same tree. */
export function isEarlier(a: TaskState, b: TaskState): boolean {
  const { level: left } = a;
  const { level: right } = b;
  if (left === right) return a.position < b.position;
  // Most often the parents are siblings.
  if (left.up === right.up && left.depth === right.depth) return left.position < right.position;
  return isEarlierElsewhere(a, b);
}

/** The same for tasks of different parents: where their paths part, the smaller position is first. */
function isEarlierElsewhere(a: TaskState, b: TaskState): boolean {
  const depth = Math.min(a.level.depth, b.level.depth);
  let left = a.level;
  let right = b.level;
  let leftPosition = a.position;
  let rightPosition = b.position;
  if (left.depth > depth) {
    left = levelAt(left, depth + 1);
    leftPosition = left.position;
    left = left.up;
  } else if (right.depth > depth) {
    right = levelAt(right, depth + 1);
    rightPosition = right.position;
    right = right.up;
  }
  if (left === right)
    return leftPosition === rightPosition ? a.level.depth < b.level.depth : leftPosition < rightPosition;
  while (left.up !== right.up) {
    const isFar = left.jump !== right.jump;
    left = isFar ? left.jump : left.up;
    right = isFar ? right.jump : right.up;
  }
  return left.position < right.position;
}

/** The level itself, or the one above it at the depth. */
function levelAt(level: TreeLevel, depth: number): TreeLevel {
  let found = level;
  while (found.depth > depth) found = found.jump.depth < depth ? found.up : found.jump;
  return found;
}

/** The key as a text: positions from 0, with dots between (`0.3.1`). */
export function orderKeyOf(task: TaskState): string {
  const path: number[] = [];
  for (let each: TaskState | undefined = task; each !== undefined; each = each.parent) path.push(each.position);
  return path.reverse().join('.');
}
