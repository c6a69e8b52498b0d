/** Which tasks of a run are seen, and the order in which a person reads them; where they stand is the layouts' business. */
import type { RunView, TaskView } from '@coppice/client';

/** A task that is seen: no group above it is folded. */
export interface OutlineRow {
  readonly task: TaskView;
  /** The row of its group; -1: it is the root. */
  readonly parent: number;
  /** 0 for the root. */
  readonly depth: number;
  /** True: it has members, and they are hidden. */
  readonly isCollapsed: boolean;
  /** True: it has members, and they are seen. */
  readonly isOpen: boolean;
}

/** All tasks but the members of collapsed ones, depth first. Empty before there is a tree. */
export function outlineOf(view: RunView, collapsed: ReadonlySet<string>): readonly OutlineRow[] {
  const rows: OutlineRow[] = [];
  const stack: (readonly [task: TaskView, parent: number])[] = view.root === undefined ? [] : [[view.root, -1]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [task, parent] = next;
    const isCollapsed = collapsed.has(task.id) && task.children.length > 0;
    const shown = isCollapsed ? [] : task.children.filter(({ isDeleted }) => !isDeleted);
    const depth = parent === -1 ? 0 : (rows[parent] as OutlineRow).depth + 1;
    rows.push({ task, parent, depth, isCollapsed, isOpen: shown.length > 0 });
    const at = rows.length - 1;
    for (const child of shown.toReversed()) stack.push([child, at]);
  }
  return rows;
}

/** All tasks, parents before their members, in declared order. */
export function depthFirst(view: RunView): readonly TaskView[] {
  return outlineOf(view, new Set()).map(({ task }) => task);
}

/** Tasks that a search text is found in: name, key, id, executor or tag, in any case; depth first. Empty text: none. */
export function searchTasks(view: RunView, text: string): readonly TaskView[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return depthFirst(view).filter(({ id, definition: { name, key, executor, tags } }) =>
    [name, key, id, executor ?? '', ...tags].some((part) => part.toLowerCase().includes(wanted)),
  );
}
