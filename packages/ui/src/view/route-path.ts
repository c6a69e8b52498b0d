/** Routes of lines as SVG path data: level where boxes are, and bent in the gaps between them. */
import type { Route } from '../layout/flow-problem.ts';

/** How far a line goes level before it bends, px at most. */
const BEND_MAX = 60;
/** How far a line that leads back swings out. */
const TURN = 26;
const HEAD_LENGTH = 8;
const HEAD_WIDTH = 7;

export function routePath(route: Route): string {
  const last = route.length - 2;
  const parts: string[] = [];
  for (let at = 0; at <= last; at += 2) {
    const [x, y] = pointAt(route, at);
    // The line ends under the middle of its head.
    const shownX = at === last ? x - HEAD_LENGTH / 2 : x;
    parts.push(at === 0 ? `M${x} ${y}` : segment(route, at, shownX));
  }
  return parts.join('');
}

function segment(route: Route, at: number, x: number): string {
  const [fromX, fromY] = pointAt(route, at - 2);
  const y = pointAt(route, at)[1];
  if (x < fromX || y === fromY) return `L${x} ${y}`;
  if (x - fromX < HEAD_LENGTH) {
    // Straight up or down is where a line that leads back turns: to the outside.
    const next = route[at + 2];
    const swing = next !== undefined && next < x ? TURN : -TURN;
    return `C${fromX + swing} ${fromY} ${x + swing} ${y} ${x} ${y}`;
  }
  const bend = Math.min(BEND_MAX, (x - fromX) / 2);
  return `C${fromX + bend} ${fromY} ${x - bend} ${y} ${x} ${y}`;
}

/** The head of the arrow at the end of a route. */
export function headPath(route: Route): string {
  const [x, y] = pointAt(route, route.length - 2);
  return `M${x - 1} ${y}l${-HEAD_LENGTH} ${-HEAD_WIDTH / 2}v${HEAD_WIDTH}z`;
}

export interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function boundsOf(route: Route): Bounds {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < route.length; at += 2) {
    const [x, y] = pointAt(route, at);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, right, top, bottom };
}

function pointAt(route: Route, at: number): readonly [x: number, y: number] {
  return [route[at] ?? 0, route[at + 1] ?? 0];
}
