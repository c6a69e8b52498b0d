/** Which groups of a large tree are folded when it is seen first. */
import type { RunView, TaskView } from '@coppice/client';
import type { GraphLayout } from './graph-model.ts';

/** Boxes that a first look should hold, about. */
const FIRST_LOOK_MAX = 150;

/**
 * None in a small tree. In a large one as many groups are open as the limit holds: those in which something failed first, then
 * those in which something runs, then small ones. For failures it may be three times as many boxes, for what runs twice as many.
 * A group that is too large for what is left stays folded. A multiplied group is folded always: it is one box with counts that opens as a
 * list.
 */
export function collapsedAtFirst(view: RunView, limit = FIRST_LOOK_MAX): Set<string> {
  const collapsed = multipliedIn(view);
  if (view.root === undefined || view.tasks.size <= limit) return collapsed;
  for (const task of view.tasks.values()) {
    if (task !== view.root && task.children.length > 0) collapsed.add(task.id);
  }
  let visible = 1 + view.root.children.length;
  // Begins at the top, so that no group opens inside a closed one.
  const isOpenable = (task: TaskView): boolean => collapsed.has(task.id) && !isMultiplied(task);
  const queue = view.root.children.filter(isOpenable);
  while (queue.length > 0) {
    queue.sort((a, b) => urgency(b) - urgency(a) || a.children.length - b.children.length);
    const next = queue.shift() as TaskView;
    if (visible + next.children.length > limit * (1 + urgency(next))) continue;
    collapsed.delete(next.id);
    visible += next.children.length;
    for (const child of next.children) if (isOpenable(child)) queue.push(child);
  }
  return collapsed;
}

/**
 * Folds groups of `tasks` that have just got their first members while the run goes on: multiplied ones, and others whose members would be too many
 * beside what is `shown` already.
 */
export function foldNewcomers(tasks: readonly TaskView[], shown: GraphLayout, collapsed: Set<string>): void {
  const groups = new Set(tasks.flatMap(({ parent }) => (parent === undefined ? [] : [parent])));
  for (const group of groups) {
    const node = shown.byId.get(group.id);
    // What is open was opened by a person, or has always been.
    if (node !== undefined && node.children.length > 0) continue;
    const isTooMany = node !== undefined && shown.nodes.length + group.children.length > FIRST_LOOK_MAX;
    if (isMultiplied(group) || isTooMany) collapsed.add(group.id);
  }
}

/** All groups that stand for copies of one task. */
export function multipliedIn(view: RunView): Set<string> {
  return new Set([...view.tasks.values()].filter(isMultiplied).map(({ id }) => id));
}

/** True for a group that stands for copies of one task: a list, not a part of the flow. */
export function isMultiplied({ definition }: TaskView): boolean {
  return definition.multiplier !== undefined;
}

/** How soon a person looks for a task; the highest number comes first. */
function urgency({ inside }: TaskView): number {
  return inside.failed > 0 ? 2 : inside.running + inside.waiting > 0 ? 1 : 0;
}
