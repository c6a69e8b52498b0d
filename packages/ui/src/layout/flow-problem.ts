/** What is asked of the layout of a flow, and what it answers: numbers only, so that it can be made in a worker. */

/** Size of a box that shows one task, or a folded group, px at zoom 1. */
export const BOX_WIDTH = 164;
export const BOX_HEIGHT = 46;
/** Height of the line at the top of an open group that names it. */
export const HEADER_HEIGHT = 46;

/** A task that is seen: a box, or with its members a frame around them. */
export interface FlowBox {
  /** Its group, as a place in the list of boxes; -1: it has none. */
  readonly parent: number;
  /** True: its members are seen. */
  readonly isOpen: boolean;
}

export interface FlowProblem {
  /** Groups before their members, members in declared order. */
  readonly boxes: readonly FlowBox[];
  /** Each line leads from one box to another. */
  readonly lines: readonly (readonly [from: number, to: number])[];
}

/** A rectangle; x and y are those of its upper left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Points of a line: x, y, x, y … */
export type Route = readonly number[];

export interface FlowPicture {
  /** In the order of the boxes. */
  readonly places: readonly Place[];
  /** In the order of the lines. */
  readonly routes: readonly Route[];
}
