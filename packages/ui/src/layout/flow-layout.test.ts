import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowLayout } from './flow-layout.ts';
import type { FlowBox, FlowPicture, FlowProblem, Place, Route } from './flow-problem.ts';

/** Boxes by the place of their group; those with members are open. */
function boxesOf(parents: readonly number[]): readonly FlowBox[] {
  return parents.map((parent, at) => ({ parent, isOpen: parents.includes(at) }));
}

function isWithin(parents: readonly number[], at: number, around: number): boolean {
  for (let up = at; up >= 0; up = parents[up] ?? -1) if (up === around) return true;
  return false;
}

const problems: fc.Arbitrary<{ parents: readonly number[]; problem: FlowProblem }> = fc
  .tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 25 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 40 }))
  .map(([picks, pairs]) => {
    const parents = [-1, ...picks.map((pick, at) => pick % (at + 1))];
    const order = depthFirst(parents);
    const sorted = order.map((at) => (parents[at] === -1 ? -1 : order.indexOf(parents[at] ?? 0)));
    const lines = pairs
      .map(([a, b]): [number, number] => [a % sorted.length, b % sorted.length])
      .filter(([a, b]) => a !== b);
    return { parents: sorted, problem: { boxes: boxesOf(sorted), lines } };
  });

function depthFirst(parents: readonly number[]): readonly number[] {
  const found: number[] = [];
  const stack = [0];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    found.push(at);
    for (let member = parents.length - 1; member > 0; member -= 1) if (parents[member] === at) stack.push(member);
  }
  return found;
}

const place = (problem: FlowProblem): FlowPicture => new FlowLayout().place(problem);
const right = ({ x, width }: Place): number => x + width;
const bottom = ({ y, height }: Place): number => y + height;

describe('places', () => {
  it('are inside of the group, below its name, and never over one another', () => {
    fc.assert(
      fc.property(problems, ({ parents, problem }) => {
        const { places } = place(problem);
        for (const [at, box] of places.entries()) {
          const group = places[parents[at] ?? -1];
          if (group === undefined) continue;
          expect(box.x).toBeGreaterThan(group.x);
          expect(box.y).toBeGreaterThanOrEqual(group.y + 40);
          expect(right(box)).toBeLessThan(right(group));
          expect(bottom(box)).toBeLessThan(bottom(group));
          for (const [other, sibling] of places.entries()) {
            if (other >= at || parents[other] !== parents[at]) continue;
            const isApart =
              right(box) <= sibling.x ||
              right(sibling) <= box.x ||
              bottom(box) <= sibling.y ||
              bottom(sibling) <= box.y;
            expect(isApart).toBe(true);
          }
        }
      }),
    );
  });

  it('are to the right of what is waited for, where no group waits for itself in a circle', () => {
    fc.assert(
      fc.property(problems, ({ parents, problem }) => {
        const lines = problem.lines.filter(([from, to]) => from < to && !isWithin(parents, to, from));
        const { places } = place({ ...problem, lines });
        for (const [from, to] of lines) {
          // Of two groups the later one is to the right; lines in declared order make no circle between groups.
          expect(right(places[from] as Place)).toBeLessThan((places[to] as Place).x);
        }
      }),
    );
  });

  it('stay in a group that is as it was, and in the column of one that gets members', () => {
    const layout = new FlowLayout();
    const boxes = boxesOf([-1, 0, 1, 1, 0]);
    const lines: [number, number][] = [
      [2, 3],
      [1, 4],
    ];
    const before = layout.place({ boxes, lines }).places;
    const grown = layout.place({ boxes: boxesOf([-1, 0, 1, 1, 0, 0, 0]), lines }).places;
    for (const at of [1, 2, 3]) expect(grown[at]).toEqual(before[at]);
    expect(grown[4]?.x).toBe(before[4]?.x);
  });
});

/** The level parts of a route that pass over a box. */
function levelPartsOver(route: Route, box: Place): readonly string[] {
  const parts: string[] = [];
  for (let at = 2; at < route.length; at += 2) {
    const [fromX = 0, fromY = 0, toX = 0, toY = 0] = route.slice(at - 2, at + 2);
    const isOver = fromY === toY && fromY > box.y && fromY < bottom(box) && toX > box.x && fromX < right(box);
    if (isOver) parts.push(`${fromX} ${fromY} to ${toX}`);
  }
  return parts;
}

describe('routes', () => {
  it('lead from the right side of one box to the left side of another, and pass no other box', () => {
    fc.assert(
      fc.property(problems, ({ parents, problem }) => {
        const lines = problem.lines.filter(([from, to]) => from < to && !isWithin(parents, to, from));
        const { places, routes } = place({ ...problem, lines });
        for (const [index, [from, to]] of lines.entries()) {
          const route = routes[index] ?? [];
          const [start, end] = [places[from] as Place, places[to] as Place];
          expect(route.slice(0, 2)).toEqual([right(start), start.y + start.height / 2]);
          expect(route.slice(-2)).toEqual([end.x, end.y + end.height / 2]);
          for (let at = 2; at < route.length; at += 2) expect(route[at]).toBeGreaterThanOrEqual(route[at - 2] ?? 0);
          for (const [other, box] of places.entries()) {
            if (isWithin(parents, from, other) || isWithin(parents, to, other)) continue;
            if (isWithin(parents, other, from) || isWithin(parents, other, to)) continue;
            expect(levelPartsOver(route, box)).toEqual([]);
          }
        }
      }),
    );
  });

  it('of a task and its own members begin and end at the inside of its frame', () => {
    const { places, routes } = place({
      boxes: boxesOf([-1, 0, 1, 1]),
      lines: [
        [1, 2],
        [3, 1],
      ],
    });
    const frame = places[1] as Place;
    expect(routes[0]?.[0]).toBe(frame.x);
    expect(routes[1]?.at(-2)).toBe(right(frame));
  });

  it('of groups that wait for each other lead back, and end nevertheless', () => {
    // A group's first member waits for the other group's first, and the other's second for this one's second.
    const { places, routes } = place({
      boxes: boxesOf([-1, 0, 1, 1, 0, 4, 4]),
      lines: [
        [2, 5],
        [6, 3],
      ],
    });
    expect(right(places[1] as Place)).toBeLessThan((places[4] as Place).x);
    expect(routes[1]?.at(-2)).toBe((places[3] as Place).x);
  });
});

it('takes trees that are very deep, very wide, and groups with very many lines', () => {
  const deep = Array.from({ length: 10_000 }, (_, at) => at - 1);
  expect(place({ boxes: deep.map((parent, at) => ({ parent, isOpen: at < 9999 })), lines: [] }).places).toHaveLength(
    10_000,
  );
  const wide = [-1, ...Array.from({ length: 5000 }, () => 0)];
  const boxes = wide.map((parent, at) => ({ parent, isOpen: at === 0 }));
  const chain = Array.from({ length: 4999 }, (_, at): [number, number] => [at + 1, at + 2]);
  expect(place({ boxes, lines: chain }).routes).toHaveLength(4999);
  const { places } = place({ boxes, lines: [] });
  const whole = places[0] as Place;
  expect(whole.width / whole.height).toBeGreaterThan(0.4);
  expect(whole.width / whole.height).toBeLessThan(6);
});
