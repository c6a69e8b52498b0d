/** Which rows of an outline wait for which. */
import type { RunView, TaskView } from '@coppice/client';
import type { OutlineEdge } from './graph-model.ts';
import type { OutlineRow } from './graph-outline.ts';

interface Found {
  readonly from: number;
  readonly to: number;
  readonly fromIds: Set<string>;
  readonly toIds: Set<string>;
  isOnTrouble: boolean;
}

/** All dependencies between visible rows, each pair once; those inside one collapsed group are not among them. */
export function outlineEdges(view: RunView, rows: readonly OutlineRow[]): readonly OutlineEdge[] {
  const rowOf = new Map(rows.map(({ task }, row) => [task.id, row]));
  const shownRow = (task: TaskView | undefined): number | undefined => {
    for (let at = task; at !== undefined; at = at.parent) {
      const row = rowOf.get(at.id);
      if (row !== undefined) return row;
    }
    return undefined;
  };
  const found = new Map<string, Found>();
  for (const task of view.tasks.values()) {
    if (task.isDeleted || task.definition.dependencies.length === 0) continue;
    const to = shownRow(task);
    if (to === undefined) continue;
    for (const { task: id, on } of task.definition.dependencies) {
      const from = shownRow(view.tasks.get(id));
      if (from === undefined || from === to) continue;
      add(found, { from, to, fromIds: new Set([id]), toIds: new Set([task.id]), isOnTrouble: !on.includes('success') });
    }
  }
  return [...found.values()];
}

function add(found: Map<string, Found>, edge: Found): void {
  const key = `${edge.from} ${edge.to}`;
  const known = found.get(key);
  if (known === undefined) {
    found.set(key, edge);
    return;
  }
  for (const id of edge.fromIds) known.fromIds.add(id);
  for (const id of edge.toIds) known.toIds.add(id);
  known.isOnTrouble &&= edge.isOnTrouble;
}

/** Members that one arrow may stand for: fewer are drawn each. */
const MEMBERS_MIN = 3;

/**
 * The same with fewer lines: what all members of an open group wait for leads to the group, and what waits for all of them comes
 * from the group, which is what a dependency of or on a group means.
 */
export function gatherEdges(edges: readonly OutlineEdge[], rows: readonly OutlineRow[]): readonly OutlineEdge[] {
  return gather(gather(edges, rows, 'to'), rows, 'from');
}

/** `side`: the end at which edges come together. */
function gather(
  edges: readonly OutlineEdge[],
  rows: readonly OutlineRow[],
  side: 'from' | 'to',
): readonly OutlineEdge[] {
  const other = side === 'from' ? 'to' : 'from';
  const members = new Map<number, number>();
  for (const { parent } of rows) members.set(parent, (members.get(parent) ?? 0) + 1);
  const bundles = new Map<string, OutlineEdge[]>();
  for (const edge of edges) {
    const group = rows[edge[side]]?.parent ?? -1;
    // What is inside of the group, or around it, is no other side.
    if (group < 0 || isWithin(rows, edge[other], group) || isWithin(rows, group, edge[other])) continue;
    const key = `${group} ${edge[other]} ${edge.isOnTrouble}`;
    const bundle = bundles.get(key);
    if (bundle === undefined) bundles.set(key, [edge]);
    else bundle.push(edge);
  }
  const gone = new Set<OutlineEdge>();
  const added = new Map<string, Found>();
  for (const [key, bundle] of bundles) {
    const group = Number(key.split(' ', 1)[0]);
    if (bundle.length < MEMBERS_MIN || bundle.length < (members.get(group) ?? 0)) continue;
    const [{ [other]: end, isOnTrouble }] = bundle as [OutlineEdge];
    const ends = side === 'from' ? { from: group, to: end } : { from: end, to: group };
    for (const edge of bundle) {
      gone.add(edge);
      add(added, { ...ends, fromIds: new Set(edge.fromIds), toIds: new Set(edge.toIds), isOnTrouble });
    }
  }
  if (gone.size === 0) return edges;
  for (const edge of edges) {
    if (!gone.has(edge)) add(added, { ...edge, fromIds: new Set(edge.fromIds), toIds: new Set(edge.toIds) });
  }
  return [...added.values()];
}

function isWithin(rows: readonly OutlineRow[], at: number, group: number): boolean {
  for (let up = at; up >= group; up = rows[up]?.parent ?? -1) if (up === group) return true;
  return false;
}
