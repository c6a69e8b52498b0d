/** One open group: what is connected by lines in columns, what is not in a block below. All places are relative to its upper left corner. */
import { layoutBlock } from './block.ts';
import type { Point } from './block.ts';
import { BOX_WIDTH, HEADER_HEIGHT } from './flow-problem.ts';
import { layoutLayered } from './layered.ts';
import type { Lane, LayeredPicture, LayeredProblem } from './layered.ts';

/** Between the frame and what is in it; wider where lines pass the frame. */
const PADDING = 14;
const PADDING_WITH_LINES = 32;
const PART_GAP = 20;

/** The members, the links between them, and what leads into and out of the group. */
export type GroupProblem = LayeredProblem;
export type GroupPicture = LayeredPicture;

export function layoutGroup({ sizes, links, entered, left }: GroupProblem): GroupPicture {
  const touched = new Set([...links.flat(), ...entered, ...left]);
  const connected = [...sizes.keys()].filter((member) => touched.has(member));
  const loose = [...sizes.keys()].filter((member) => !touched.has(member));
  const inner = new Map(connected.map((member, index) => [member, index]));
  const at = (member: number): number => inner.get(member) ?? 0;
  const size = (member: number) => sizes[member] ?? ([0, 0] as const);
  const layered =
    connected.length === 0
      ? undefined
      : layoutLayered({
          sizes: connected.map(size),
          links: links.map(([from, to]) => [at(from), at(to)]),
          entered: entered.map(at),
          left: left.map(at),
        });
  const block = layoutBlock(loose.map(size));
  const padding = (lines: readonly unknown[]): number =>
    lines.length > 0 || layered?.hasTurns === true ? PADDING_WITH_LINES : PADDING;
  const x = padding(entered);
  const blockY = HEADER_HEIGHT + (layered === undefined || loose.length === 0 ? 0 : layered.height + PART_GAP);
  const places: Point[] = [];
  for (const [index, member] of connected.entries()) places[member] = moved(layered?.places[index], x, HEADER_HEIGHT);
  for (const [index, member] of loose.entries()) places[member] = moved(block.places[index], x, blockY);
  const lanes = (list: readonly Lane[] = []): readonly Lane[] =>
    list.map((lane) => lane.map((value, index) => value + (index % 2 === 0 ? x : HEADER_HEIGHT)));
  return {
    places,
    width: Math.max(BOX_WIDTH, x + Math.max(layered?.width ?? 0, block.width) + padding(left)),
    height: blockY + (loose.length === 0 ? (layered?.height ?? 0) : block.height) + PADDING,
    links: lanes(layered?.links),
    entries: lanes(layered?.entries),
    exits: lanes(layered?.exits),
    hasTurns: layered?.hasTurns === true,
  };
}

function moved([x, y]: Point = [0, 0], byX: number, byY: number): Point {
  return [x + byX, y + byY];
}
