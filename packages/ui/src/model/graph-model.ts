/** The graph of a run as places: what each visible task looks like from afar, what leads where, and what the keyboard reaches. */
import type { TaskView } from '@coppice/client';
import type { GraphLook } from '../view-channel.ts';
import type { Place, Route } from '../layout/flow-problem.ts';
import type { OutlineRow } from './graph-outline.ts';

export interface GraphNode extends Place {
  readonly id: string;
  readonly task: TaskView;
  /** 0 for the root. */
  readonly depth: number;
  readonly parent: GraphNode | undefined;
  readonly children: readonly GraphNode[];
  /** True: it has members, and they are hidden. */
  readonly isCollapsed: boolean;
  /** True: its members are drawn inside of it. */
  readonly isFrame: boolean;
}

/** Dependencies between two visible nodes: `to` waits for `from`. */
export interface GraphEdge {
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** Tasks that the edge stands for at either side, where they are others than the nodes' own. */
  readonly fromIds: ReadonlySet<string>;
  readonly toIds: ReadonlySet<string>;
  /** True: none of the dependencies is on a success. */
  readonly isOnTrouble: boolean;
  /** The way it goes; undefined: straight. */
  readonly route: Route | undefined;
}

export interface GraphLayout {
  readonly look: GraphLook;
  /** Depth first, as a person reads a tree. */
  readonly nodes: readonly GraphNode[];
  readonly byId: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly GraphEdge[];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An edge by the rows of an outline. */
export interface OutlineEdge {
  readonly from: number;
  readonly to: number;
  readonly fromIds: ReadonlySet<string>;
  readonly toIds: ReadonlySet<string>;
  readonly isOnTrouble: boolean;
}

export interface PlacedOutline {
  readonly look: GraphLook;
  readonly rows: readonly OutlineRow[];
  readonly places: readonly Place[];
  readonly edges: readonly OutlineEdge[];
  readonly routes: readonly Route[] | undefined;
}

/** Puts rows, places and edges together. */
export function graphOf({ look, rows, places, edges, routes }: PlacedOutline): GraphLayout {
  const byId = new Map<string, GraphNode>();
  const nodes: (GraphNode & { readonly children: GraphNode[] })[] = [];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [at, { task, parent: above, depth, isCollapsed, isOpen }] of rows.entries()) {
    const { x, y, width, height } = places[at] as Place;
    const parent = nodes[above];
    const isFrame = look === 'flow' && isOpen;
    const node = { id: task.id, task, x, y, width, height, depth, parent, children: [], isCollapsed, isFrame };
    parent?.children.push(node);
    nodes.push(node);
    byId.set(task.id, node);
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  const drawn = edges.map(({ from, to, ...edge }, index): GraphEdge => {
    return { ...edge, from: nodes[from] as GraphNode, to: nodes[to] as GraphNode, route: routes?.[index] };
  });
  return { look, nodes, byId, edges: drawn, left, top, width: right - left, height: bottom - top };
}

/** The node that stands for a task: its own, or the collapsed group it is hidden in. */
export function nodeFor(layout: GraphLayout, task: TaskView | undefined): GraphNode | undefined {
  for (let at = task; at !== undefined; at = at.parent) {
    const node = layout.byId.get(at.id);
    if (node !== undefined) return node;
  }
  return undefined;
}

/** True: the task is to be seen, and has no place yet; or it has one and is gone. */
export function isMisplaced(layout: GraphLayout, task: TaskView): boolean {
  if (task.isDeleted) return layout.byId.has(task.id);
  if (layout.byId.has(task.id)) return false;
  const group = task.parent === undefined ? undefined : layout.byId.get(task.parent.id);
  return group !== undefined && !group.isCollapsed;
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
