/**
 * The graph of a run as places: which tasks are visible, where each stands, and what the keyboard reaches from it.
 * A tidy tree from left to right (d3-hierarchy), so that places stay while statuses change, in milliseconds for thousands of tasks.
 */
import type { RunView, TaskView } from '@coppice/client';
import { hierarchy, tree } from 'd3-hierarchy';
import type { HierarchyPointNode } from 'd3-hierarchy';

/** Size of a node and distance to the next, px at zoom 1. */
export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 46;
const ROW_GAP = 14;
const COLUMN_GAP = 64;

export interface GraphNode {
  readonly id: string;
  readonly task: TaskView;
  /** The upper left corner. */
  readonly x: number;
  readonly y: number;
  /** 0 for the root. */
  readonly depth: number;
  readonly parent: GraphNode | undefined;
  readonly children: readonly GraphNode[];
  /** True: it has members, and they are hidden. */
  readonly isCollapsed: boolean;
}

export interface GraphLayout {
  /** Depth first, as a person reads a tree. */
  readonly nodes: readonly GraphNode[];
  readonly byId: ReadonlyMap<string, GraphNode>;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A dependency between two visible nodes: `to` waits for `from`. */
export interface GraphEdge {
  readonly from: GraphNode;
  readonly to: GraphNode;
}

/** Places all tasks but the members of collapsed ones. Undefined before there is a tree. */
export function layoutGraph(view: RunView, collapsed: ReadonlySet<string>): GraphLayout | undefined {
  if (view.root === undefined) return undefined;
  const childrenOf = (task: TaskView): TaskView[] | undefined => {
    const shown = collapsed.has(task.id) ? [] : task.children.filter(({ isDeleted }) => !isDeleted);
    return shown.length === 0 ? undefined : shown;
  };
  const placed = tree<TaskView>()
    .nodeSize([NODE_HEIGHT + ROW_GAP, NODE_WIDTH + COLUMN_GAP])
    .separation((a, b) => (a.parent === b.parent ? 1 : 1.25))(hierarchy(view.root, childrenOf));
  return collect(placed, collapsed);
}

function collect(root: HierarchyPointNode<TaskView>, collapsed: ReadonlySet<string>): GraphLayout {
  const byId = new Map<string, GraphNode & { readonly children: GraphNode[] }>();
  const nodes: GraphNode[] = [];
  let top = Infinity;
  let bottom = -Infinity;
  let right = 0;
  root.eachBefore(({ data: task, x, y, depth, parent }) => {
    const above = parent === null ? undefined : byId.get(parent.data.id);
    const isCollapsed = collapsed.has(task.id) && task.children.length > 0;
    const node = { id: task.id, task, x: y, y: x, depth, parent: above, children: [], isCollapsed };
    above?.children.push(node);
    byId.set(task.id, node);
    nodes.push(node);
    top = Math.min(top, x);
    bottom = Math.max(bottom, x + NODE_HEIGHT);
    right = Math.max(right, y + NODE_WIDTH);
  });
  return { nodes, byId, left: 0, top, width: right, height: bottom - top };
}

/** The node that stands for a task: its own, or the collapsed group it is hidden in. */
export function nodeFor(layout: GraphLayout, task: TaskView | undefined): GraphNode | undefined {
  for (let at = task; at !== undefined; at = at.parent) {
    const node = layout.byId.get(at.id);
    if (node !== undefined) return node;
  }
  return undefined;
}

/** All dependencies between visible nodes, each once; those inside one collapsed group are not among them. */
export function graphEdges(view: RunView, layout: GraphLayout): readonly GraphEdge[] {
  const edges = new Map<string, GraphEdge>();
  for (const task of view.tasks.values()) {
    if (task.isDeleted || task.definition.dependencies.length === 0) continue;
    const to = nodeFor(layout, task);
    if (to === undefined) continue;
    for (const dependency of task.definition.dependencies) {
      const from = nodeFor(layout, view.tasks.get(dependency.task));
      if (from !== undefined && from !== to) edges.set(`${from.id} ${to.id}`, { from, to });
    }
  }
  return [...edges.values()];
}

/** Visible nodes that a first look should hold, about. */
const FIRST_LOOK_MAX = 300;

/** The groups that are collapsed at first: none in a small tree; in a large one the quiet groups, largest first. */
export function collapsedAtFirst(view: RunView, limit = FIRST_LOOK_MAX): Set<string> {
  const collapsed = new Set<string>();
  if (view.root === undefined || view.tasks.size <= limit) return collapsed;
  const groups: TaskView[] = [];
  for (const task of view.tasks.values()) {
    if (task !== view.root && task.children.length > 0) groups.push(task);
  }
  for (const task of groups) collapsed.add(task.id);
  let visible = 1 + view.root.children.length;
  // Begins at the top, so that no group opens inside a closed one.
  const queue = view.root.children.filter(({ id }) => collapsed.has(id));
  while (queue.length > 0) {
    queue.sort((a, b) => urgency(b) - urgency(a) || a.children.length - b.children.length);
    const next = queue.shift() as TaskView;
    if (visible + next.children.length > limit) break;
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

/** Tasks that a search text is found in: name, key, id, executor or tag, in any case; depth first. Empty text: none. */
export function searchTasks(view: RunView, text: string): readonly TaskView[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return depthFirst(view).filter(({ id, definition: { name, key, executor, tags } }) =>
    [name, key, id, executor ?? '', ...tags].some((part) => part.toLowerCase().includes(wanted)),
  );
}

/** All tasks, parents before their members, in declared order. */
export function depthFirst(view: RunView): readonly TaskView[] {
  const found: TaskView[] = [];
  const stack = view.root === undefined ? [] : [view.root];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (task.isDeleted) continue;
    found.push(task);
    for (let index = task.children.length - 1; index >= 0; index -= 1) stack.push(task.children[index] as TaskView);
  }
  return found;
}

export type Direction = 'parent' | 'child' | 'next' | 'previous' | 'first' | 'last';

/** The node that a key leads to; the same one where there is none. */
export function neighbour(layout: GraphLayout, node: GraphNode, direction: Direction): GraphNode {
  const { nodes } = layout;
  switch (direction) {
    case 'parent':
      return node.parent ?? node;
    case 'child':
      return node.children[0] ?? node;
    case 'first':
      return nodes[0] ?? node;
    case 'last':
      return nodes.at(-1) ?? node;
    case 'next':
    case 'previous': {
      const at = nodes.indexOf(node) + (direction === 'next' ? 1 : -1);
      return nodes[at] ?? node;
    }
  }
}
