/** Members of a group that lines lead to or from: in columns from left to right, with lanes between the boxes for lines that pass a column. */
import { layoutBlock } from './block.ts';
import type { Point, Size } from './block.ts';
import { columnsOf } from './columns.ts';
import type { Columns, Link } from './columns.ts';
import { Graph, layout } from './dagre.ts';

export const COLUMN_GAP = 36;
const ROW_GAP = 14;
const LANE_GAP = 8;
/** Larger ones take dagre longer than a person waits: seconds. */
const BOXES_MAX = 250;
const LANES_MAX = 1500;

export interface LayeredProblem {
  readonly sizes: readonly Size[];
  readonly links: readonly Link[];
  /** Members that a line from outside of the group leads to; and those from which one leads out of it. */
  readonly entered: readonly number[];
  readonly left: readonly number[];
}

/** Points that a line passes between its two ends. A y of NaN: that of the point before it. */
export type Lane = readonly number[];

export interface LayeredPicture {
  readonly places: readonly Point[];
  readonly width: number;
  readonly height: number;
  /** In the order of `links`, `entered` and `left`. */
  readonly links: readonly Lane[];
  readonly entries: readonly Lane[];
  readonly exits: readonly Lane[];
  /** True: a line leads back, and swings out to the sides. */
  readonly hasTurns: boolean;
}

/** Vertical places: of the middles of members, and of a line in a column. Undefined: no lane is kept for it. */
interface Heights {
  readonly middleOf: (member: number) => number;
  readonly laneOf: (from: string, to: string, column: number) => number | undefined;
}

const START = 'start';
const END = 'end';

export function layoutLayered(problem: LayeredProblem): LayeredPicture {
  const columns = columnsOf(problem.sizes.length, problem.links);
  const bounds = boundsOf(problem, columns);
  if (problem.sizes.length > BOXES_MAX || bounds.lanes > LANES_MAX) return inBlocks(problem, columns);
  const heights = heightsOf(problem, columns, bounds.count);
  return drawn(problem, columns, heights);
}

/** How many columns there are, and how many lanes lines take in them. */
function boundsOf({ links, entered, left }: LayeredProblem, { columnOf }: Columns): { count: number; lanes: number } {
  const count = 1 + columnOf.reduce((most, column) => Math.max(most, column), 0);
  const at = (member: number): number => columnOf[member] ?? 0;
  let lanes = 0;
  for (const [from, to] of links) lanes += Math.max(0, at(to) - at(from) - 1);
  for (const member of entered) lanes += at(member);
  for (const member of left) lanes += count - 1 - at(member);
  return { count, lanes };
}

/**
 * Asks dagre for the order in each column and the vertical places. Its columns are ours: the length of every line is given,
 * so that a task stands as far left as it may, and stays there.
 */
function heightsOf(
  { sizes, links, entered, left }: LayeredProblem,
  { columnOf, back }: Columns,
  count: number,
): Heights {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: ROW_GAP, edgesep: LANE_GAP, ranksep: 1, ranker: 'tight-tree' });
  graph.setNode(START, { width: 0, height: 0 });
  if (left.length > 0) graph.setNode(END, { width: 0, height: 0 });
  for (const [member, [, height]] of sizes.entries()) graph.setNode(String(member), { width: 1, height });
  const at = (member: number): number => columnOf[member] ?? 0;
  const connect = (from: string, to: string, minlen: number): void => void graph.setEdge(from, to, { minlen });
  for (const member of sizes.keys()) if (at(member) === 0) connect(START, String(member), 1);
  for (const member of entered) connect(START, String(member), at(member) + 1);
  for (const [index, [from, to]] of links.entries()) {
    if (!back.has(index)) connect(String(from), String(to), at(to) - at(from));
  }
  for (const member of left) connect(String(member), END, count - at(member));
  layout(graph);
  const columnNumber = (name: string): number => (name === START ? -1 : at(Number(name)));
  const given = (member: number): number => graph.node(String(member)).y;
  const side = isUpsideDown(columnOf, given) ? -1 : 1;
  return {
    middleOf: (member) => given(member) * side,
    laneOf: (from, to, column) => {
      // Each end is a point; between them every column and every gap has one.
      const { points } = graph.edge(from, to);
      const point = points[2 * (column - columnNumber(from))];
      return point === undefined ? undefined : point.y * side;
    },
  };
}

/** True when more members stand above one that is declared before them than below it: then the mirror image reads better. */
function isUpsideDown(columnOf: readonly number[], middleOf: (member: number) => number): boolean {
  const last: number[] = [];
  let balance = 0;
  for (const [member, column] of columnOf.entries()) {
    const before = last[column];
    if (before !== undefined) balance += Math.sign(middleOf(member) - middleOf(before));
    last[column] = member;
  }
  return balance < 0;
}

function drawn(problem: LayeredProblem, { columnOf, back }: Columns, heights: Heights): LayeredPicture {
  const { sizes, links, entered, left } = problem;
  const spans = spansOf(sizes, columnOf);
  const at = (member: number): number => columnOf[member] ?? 0;
  const tops: number[] = [];
  let [top, bottom] = [Infinity, -Infinity];
  const reach = (y: number, reached = y): void => {
    top = Math.min(top, y);
    bottom = Math.max(bottom, reached);
  };
  for (const [member, [, height]] of sizes.entries()) {
    const y = heights.middleOf(member) - height / 2;
    tops.push(y);
    reach(y, y + height);
  }
  /** A line goes level through a column, and up or down only in the gaps between them. */
  const lane = (from: string, to: string, [first, after]: readonly [number, number]): number[] => {
    const points: number[] = [];
    for (let column = first; column < after; column += 1) {
      const y = heights.laneOf(from, to, column);
      const span = spans[column];
      if (y === undefined || span === undefined) continue;
      reach(y);
      points.push(span.x, y, span.x + span.width, y);
    }
    return points;
  };
  /** Out of the column of a box that is narrower than others there. */
  const leave = (member: number): readonly number[] => {
    const { x, width } = spans[at(member)] ?? { x: 0, width: 0 };
    return (sizes[member]?.[0] ?? 0) < width ? [x + width, NaN] : [];
  };
  const forward = links.map(([from, to], index) =>
    back.has(index) ? [] : [...leave(from), ...lane(String(from), String(to), [at(from) + 1, at(to)])],
  );
  const entries = entered.map((member) => lane(START, String(member), [0, at(member)]));
  const exits = left.map((member) => [...leave(member), ...lane(String(member), END, [at(member) + 1, spans.length])]);
  const last = spans.at(-1);
  const moved = (points: readonly number[]): Lane =>
    points.map((value, index) => (index % 2 === 0 ? value : value - top));
  const all = links.map(([from, to], index): Lane => {
    if (!back.has(index)) return moved(forward[index] ?? []);
    // Below everything, and back to the left.
    bottom += LANE_GAP * 2;
    const y = bottom - top;
    const [right, begin] = [spans[at(from)], spans[at(to)]];
    return [(right?.x ?? 0) + (right?.width ?? 0), NaN, (right?.x ?? 0) + (right?.width ?? 0), y, begin?.x ?? 0, y];
  });
  return {
    places: sizes.map((_, member) => [spans[at(member)]?.x ?? 0, (tops[member] ?? 0) - top]),
    width: last === undefined ? 0 : last.x + last.width,
    height: bottom - top,
    links: all,
    entries: entries.map(moved),
    exits: exits.map(moved),
    hasTurns: back.size > 0,
  };
}

interface Span {
  readonly x: number;
  readonly width: number;
}

/** From where to where each column reaches. */
function spansOf(sizes: readonly Size[], columnOf: readonly number[]): readonly Span[] {
  const widths: number[] = [];
  for (const [member, [width]] of sizes.entries()) {
    const column = columnOf[member] ?? 0;
    widths[column] = Math.max(widths[column] ?? 0, width);
  }
  let x = 0;
  return widths.map((width) => {
    const span = { x, width };
    x += width + COLUMN_GAP;
    return span;
  });
}

/** For very many boxes: each column is a block, in declared order, and lines go straight. */
function inBlocks({ sizes, links, entered, left }: LayeredProblem, { columnOf }: Columns): LayeredPicture {
  const columns: number[][] = [];
  for (const [member, column] of columnOf.entries()) (columns[column] ??= []).push(member);
  const places: Point[] = [];
  let [x, height] = [0, 0];
  for (const members of columns) {
    const block = layoutBlock(members.map((member) => sizes[member] ?? [0, 0]));
    for (const [index, [left, top]] of block.places.entries()) places[members[index] ?? 0] = [x + left, top];
    x += block.width + COLUMN_GAP;
    height = Math.max(height, block.height);
  }
  const straight = (list: readonly unknown[]): readonly Lane[] => list.map(() => []);
  return {
    places,
    width: x - COLUMN_GAP,
    height,
    links: straight(links),
    entries: straight(entered),
    exits: straight(left),
    hasTurns: false,
  };
}
