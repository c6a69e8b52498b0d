/** Places of a tidy tree from left to right (d3-hierarchy): they stay while statuses change, and take milliseconds for thousands of tasks. */
import { hierarchy, tree } from 'd3-hierarchy';
import type { Place } from '../layout/flow-problem.ts';
import type { OutlineRow } from './graph-outline.ts';

/** Size of a node and distance to the next, px at zoom 1. */
export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 46;
const ROW_GAP = 14;
const COLUMN_GAP = 64;

/** In the order of the rows. */
export function layoutTree(rows: readonly OutlineRow[]): readonly Place[] {
  const members: number[][] = rows.map(() => []);
  for (const [at, { parent }] of rows.entries()) members[parent]?.push(at);
  const root = hierarchy(0, (at) => (members[at]?.length === 0 ? undefined : members[at]));
  const places: Place[] = [];
  tree<number>()
    .nodeSize([NODE_HEIGHT + ROW_GAP, NODE_WIDTH + COLUMN_GAP])
    .separation((a, b) => (a.parent === b.parent ? 1 : 1.25))(root)
    .each(({ data: at, x, y }) => (places[at] = { x: y, y: x, width: NODE_WIDTH, height: NODE_HEIGHT }));
  return places;
}
