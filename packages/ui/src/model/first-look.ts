/** Which groups of a large tree are folded when it is seen first. */
import type { RunView, TaskView } from '@coppice/client';

/** Boxes that a first look should hold, about. */
const FIRST_LOOK_MAX = 150;

/**
 * None in a small tree. In a large one as many groups are open as the limit holds: those in which something failed first, then
 * those in which something runs, then small ones. For failures it may be three times as many boxes, for what runs twice as many.
 * A group that is too large for what is left stays folded.
 */
export function collapsedAtFirst(view: RunView, limit = FIRST_LOOK_MAX): Set<string> {
  const collapsed = new Set<string>();
  if (view.root === undefined || view.tasks.size <= limit) return collapsed;
  for (const task of view.tasks.values()) {
    if (task !== view.root && task.children.length > 0) collapsed.add(task.id);
  }
  let visible = 1 + view.root.children.length;
  // Begins at the top, so that no group opens inside a closed one.
  const queue = view.root.children.filter(({ id }) => collapsed.has(id));
  while (queue.length > 0) {
    queue.sort((a, b) => urgency(b) - urgency(a) || a.children.length - b.children.length);
    const next = queue.shift() as TaskView;
    if (visible + next.children.length > limit * (1 + urgency(next))) continue;
    collapsed.delete(next.id);
    visible += next.children.length;
    for (const child of next.children) if (collapsed.has(child.id)) queue.push(child);
  }
  return collapsed;
}

/** How soon a person looks for a task; the highest number comes first. */
function urgency({ inside }: TaskView): number {
  return inside.failed > 0 ? 2 : inside.running + inside.waiting > 0 ? 1 : 0;
}
