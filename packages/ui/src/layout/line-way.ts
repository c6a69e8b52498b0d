/** The way of a line through nested groups: out of those that only its start is in, across to another member, into those of its end. */

interface Nested {
  readonly parent: number;
  readonly depth: number;
}

export interface LineWay {
  readonly from: number;
  readonly to: number;
  /** Members whose groups the line leaves, innermost first. */
  readonly out: readonly number[];
  /** Two members of one group. Undefined when one end is around the other. */
  readonly across: readonly [from: number, to: number] | undefined;
  /** Members whose groups the line enters, outermost first. */
  readonly into: readonly number[];
}

export function followLine(boxes: readonly Nested[], from: number, to: number): LineWay {
  const above = (at: number): number => boxes[at]?.parent ?? -1;
  const depth = (at: number): number => boxes[at]?.depth ?? 0;
  const out: number[] = [];
  const into: number[] = [];
  let [a, b] = [from, to];
  while (a !== b && above(a) !== above(b)) {
    if (depth(a) >= depth(b)) {
      out.push(a);
      a = above(a);
    } else {
      into.unshift(b);
      b = above(b);
    }
  }
  // One is around the other: the line begins or ends at its frame, on the inside.
  return { from, to, out, into, across: a === b ? undefined : [a, b] };
}
