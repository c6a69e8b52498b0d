/**
 * Order keys (R-SC-03): the path of declared positions from the root to a task. Keys are compared at their first difference, and a task
 * comes before the tasks below it. A key never changes, even when tasks are added to the tree later, so queues may be sorted by it.
 *
 * No key is stored: the tree is the path. Tasks with the same parent share a level. A level knows the level above it and one further up,
 * so that comparing two tasks takes O(log depth) steps (skew-binary jump pointers: Myers, "An applicative random-access stack", 1983).
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
  // The quick case: the parents are the same task or siblings.
  if (left.up === right.up && left.depth === right.depth) return left.position < right.position;
  return isEarlierElsewhere(a, b);
}

/** Does the same for tasks with different parents: the position decides at the first level where the paths differ. */
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
