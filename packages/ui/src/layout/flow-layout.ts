/**
 * The layout of a flow: groups are frames around their members, lines lead from left to right, through the frames.
 *
 * 1. Each group is laid out by itself, innermost first. A line between two groups puts one to the right of the other.
 * 2. A group that is as it was before is not laid out again: it keeps its inner places, and costs nothing.
 * 3. No recursion: a tree may be deeper than the stack.
 */
import type { Size } from './block.ts';
import { BOX_HEIGHT, BOX_WIDTH } from './flow-problem.ts';
import type { FlowPicture, FlowProblem, Place, Route } from './flow-problem.ts';
import { layoutGroup } from './group-layout.ts';
import type { GroupPicture } from './group-layout.ts';
import type { Lane } from './layered.ts';
import { followLine } from './line-way.ts';
import type { LineWay } from './line-way.ts';

/** What is known of a box while it is laid out. */
interface Box {
  readonly parent: number;
  /** Its place among the members of its group. */
  readonly index: number;
  readonly depth: number;
  readonly members: number[];
  readonly links: LaneList<readonly [from: number, to: number]>;
  readonly entered: LaneList<readonly [number]>;
  readonly left: LaneList<readonly [number]>;
  size: Size;
  picture: GroupPicture | undefined;
  x: number;
  y: number;
}

/** Ways through a group, each once: members by their place among the members, or pairs of them. */
class LaneList<Members extends readonly number[]> {
  readonly #places = new Map<string, number>();
  readonly list: Members[] = [];

  add(...members: Members): number {
    const key = members.join(' ');
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.list.length);
    this.list.push(members);
    return this.list.length - 1;
  }
}

export class FlowLayout {
  /** Groups of the last picture, by what they were made from. */
  #known = new Map<string, GroupPicture>();

  place({ boxes: given, lines }: FlowProblem): FlowPicture {
    const boxes: Box[] = [];
    for (const { parent } of given) boxes.push(newBox(boxes, parent, boxes.length));
    const ways = lines.map(([from, to]) => register(boxes, followLine(boxes, from, to)));
    this.#measure(boxes, given);
    for (const box of boxes) {
      const group = boxes[box.parent];
      if (group === undefined) continue;
      const [x, y] = group.picture?.places[box.index] ?? [0, 0];
      box.x = group.x + x;
      box.y = group.y + y;
    }
    return {
      places: boxes.map(({ x, y, size: [width, height] }): Place => ({ x, y, width, height })),
      routes: ways.map((way) => routeOf(boxes, way)),
    };
  }

  /** Lays every open group out, innermost first. */
  #measure(boxes: readonly Box[], given: FlowProblem['boxes']): void {
    const used = new Map<string, GroupPicture>();
    for (let at = boxes.length - 1; at >= 0; at -= 1) {
      const box = boxes[at];
      if (box === undefined || given[at]?.isOpen !== true || box.members.length === 0) continue;
      const problem = {
        sizes: box.members.map((member): Size => boxes[member]?.size ?? [0, 0]),
        links: box.links.list,
        entered: box.entered.list.flat(),
        left: box.left.list.flat(),
      };
      const key = JSON.stringify(problem);
      const picture = used.get(key) ?? this.#known.get(key) ?? layoutGroup(problem);
      used.set(key, picture);
      box.picture = picture;
      box.size = [picture.width, picture.height];
    }
    this.#known = used;
  }
}

function newBox(boxes: readonly Box[], parent: number, place: number): Box {
  const group = boxes[parent];
  const box: Box = {
    parent,
    index: group?.members.length ?? 0,
    depth: group === undefined ? 0 : group.depth + 1,
    members: [],
    links: new LaneList(),
    entered: new LaneList(),
    left: new LaneList(),
    size: [BOX_WIDTH, BOX_HEIGHT],
    picture: undefined,
    x: 0,
    y: 0,
  };
  group?.members.push(place);
  return box;
}

/** A way, with the numbers of its lanes in the groups that it goes through. */
interface PlacedWay extends LineWay {
  readonly exits: readonly number[];
  readonly link: number | undefined;
  readonly entries: readonly number[];
}

/** Tells each group on the way what passes it. */
function register(boxes: readonly Box[], way: LineWay): PlacedWay {
  const inGroup = (kind: 'entered' | 'left') => (at: number) => {
    const { parent, index } = boxes[at] as Box;
    return (boxes[parent] as Box)[kind].add(index);
  };
  const exits = way.out.map(inGroup('left'));
  const entries = way.into.map(inGroup('entered'));
  if (way.across === undefined) return { ...way, exits, entries, link: undefined };
  const [from, to] = way.across.map((at) => boxes[at] as Box) as [Box, Box];
  return { ...way, exits, entries, link: (boxes[from.parent] as Box).links.add(from.index, to.index) };
}

function routeOf(boxes: readonly Box[], way: PlacedWay): Route {
  const box = (at: number): Box => boxes[at] as Box;
  const groupOf = (at: number): Box => box(box(at).parent);
  const middle = ({ y, size: [, height] }: Box): number => y + height / 2;
  // From the last group inwards: at which height a line passes the frame depends on where it goes behind it.
  const heights: number[] = [];
  let inner = middle(box(way.to));
  for (let step = way.into.length - 1; step >= 0; step -= 1) {
    const group = groupOf(way.into[step] as number);
    const first = group.picture?.entries[way.entries[step] as number]?.[1];
    inner = first === undefined ? inner : group.y + first;
    heights[step] = inner;
  }
  const points: number[] = [];
  const pass = (group: Box, lane: Lane | undefined): void => {
    for (let at = 0; at < (lane?.length ?? 0); at += 2) {
      const y = lane?.[at + 1] ?? NaN;
      points.push(group.x + (lane?.[at] ?? 0), Number.isNaN(y) ? (points.at(-1) ?? 0) : group.y + y);
    }
  };
  const start = box(way.from);
  if (way.out.length > 0 || way.across !== undefined) points.push(start.x + start.size[0], middle(start));
  for (const [step, at] of way.out.entries()) {
    const group = groupOf(at);
    pass(group, group.picture?.exits[way.exits[step] as number]);
    points.push(group.x + group.size[0], points.at(-1) ?? 0);
  }
  if (way.across !== undefined && way.link !== undefined) {
    const group = groupOf(way.across[0]);
    pass(group, group.picture?.links[way.link]);
  }
  for (const [step, at] of way.into.entries()) {
    const group = groupOf(at);
    points.push(group.x, heights[step] as number);
    pass(group, group.picture?.entries[way.entries[step] as number]);
  }
  const end = box(way.to);
  if (way.into.length > 0 || way.across !== undefined) points.push(end.x, middle(end));
  return points;
}
