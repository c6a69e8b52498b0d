import { foldEvents } from '@coppice/client';
import type { RunView } from '@coppice/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  collapsedAtFirst,
  depthFirst,
  graphEdges,
  layoutGraph,
  neighbour,
  NODE_HEIGHT,
  NODE_WIDTH,
  searchTasks,
} from './graph-model.ts';
import type { GraphLayout } from './graph-model.ts';
import { logOf, runEvents } from './run.fixture.ts';

const runs = runEvents(30).map((events) => foldEvents(events));

function laidOut(view: RunView, collapsed: ReadonlySet<string> = new Set()): GraphLayout {
  const layout = layoutGraph(view, collapsed);
  if (layout === undefined) throw new Error('There is no tree');
  return layout;
}

describe('layout', () => {
  it('gives every visible task one place, and none over another', () => {
    fc.assert(
      fc.property(runs, fc.array(fc.nat()), (view, picks) => {
        const ids = [...view.tasks.keys()];
        const collapsed = new Set(picks.map((pick) => ids[pick % ids.length] as string));
        const { nodes, top, height, width } = laidOut(view, collapsed);
        expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
        for (const { x, y } of nodes) {
          expect(x + NODE_WIDTH).toBeLessThanOrEqual(width);
          expect(y).toBeGreaterThanOrEqual(top);
          expect(y + NODE_HEIGHT).toBeLessThanOrEqual(top + height);
        }
        for (const [index, a] of nodes.entries()) {
          for (const b of nodes.slice(index + 1)) {
            const isApart = Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT;
            expect(isApart).toBe(true);
          }
        }
        const hidden = depthFirst(view).filter((task) => {
          for (let at = task.parent; at !== undefined; at = at.parent) if (collapsed.has(at.id)) return true;
          return false;
        });
        expect(nodes.length).toBe(view.tasks.size - hidden.length);
      }),
    );
  });

  it('reads depth first, and the keyboard reaches every node', () => {
    fc.assert(
      fc.property(runs, (view) => {
        const layout = laidOut(view);
        expect(layout.nodes.map(({ id }) => id)).toEqual(depthFirst(view).map(({ id }) => id));
        let at = layout.nodes[0]!;
        for (const node of layout.nodes.slice(1)) {
          at = neighbour(layout, at, 'next');
          expect(at).toBe(node);
        }
        expect(neighbour(layout, at, 'next')).toBe(at);
        while (at.parent !== undefined) at = neighbour(layout, at, 'parent');
        expect(at).toBe(neighbour(layout, at, 'first'));
      }),
    );
  });

  it('takes trees that are very deep and very wide', () => {
    const deep = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index): [string, [string | null]] => [
        `d${index}`,
        [index === 0 ? null : `d${index - 1}`],
      ]),
    );
    const wide = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index): [string, [string | null]] => [`w${index}`, [index === 0 ? null : 'w0']]),
    );
    expect(laidOut(foldEvents(logOf(deep, []))).nodes).toHaveLength(5000);
    expect(laidOut(foldEvents(logOf(wide, []))).nodes).toHaveLength(5000);
  });
});

describe('edges', () => {
  it('attach to the group that hides their end, once, and vanish inside it', () => {
    const view = foldEvents(
      logOf({ root: [null], a: ['root'], a1: ['a'], a2: ['a', 'a1'], b: ['root', 'a1', 'a2'], c: ['root', 'b'] }, []),
    );
    const pairs = (layout: GraphLayout) => graphEdges(view, layout).map(({ from, to }) => `${from.id}→${to.id}`);
    expect(pairs(laidOut(view))).toEqual(['a1→a2', 'a1→b', 'a2→b', 'b→c']);
    expect(pairs(laidOut(view, new Set(['a'])))).toEqual(['a→b', 'b→c']);
  });
});

describe('what is collapsed at first', () => {
  it('is nothing in a small tree, and keeps failures open in a large one', () => {
    const tree: Record<string, [string | null]> = { root: [null] };
    for (let group = 0; group < 20; group += 1) {
      tree[`g${group}`] = ['root'];
      for (let leaf = 0; leaf < 50; leaf += 1) tree[`g${group}.${leaf}`] = [`g${group}`];
    }
    const error = { code: 'x', message: 'x', retryable: false };
    const view = foldEvents(
      logOf(tree, [
        ['TaskStarted', 'g17.3', { attempt: 1, input: {} }],
        ['TaskFailed', 'g17.3', { attempt: 1, error, handled: false }],
      ]),
    );
    expect(collapsedAtFirst(view, 5000).size).toBe(0);
    const collapsed = collapsedAtFirst(view, 200);
    expect(collapsed.has('g17')).toBe(false);
    expect(laidOut(view, collapsed).nodes.length).toBeLessThanOrEqual(200);
    expect(laidOut(view, collapsed).nodes.length).toBeGreaterThan(100);
  });
});

it('finds tasks by name, key, executor or tag, in any case', () => {
  const view = foldEvents(logOf({ Root: [null], 'build site': ['Root'], deploy: ['Root'] }, []));
  expect(searchTasks(view, 'BUILD').map(({ id }) => id)).toEqual(['build site']);
  expect(searchTasks(view, 'delay').map(({ id }) => id)).toEqual(['build site', 'deploy']);
  expect(searchTasks(view, '  ')).toEqual([]);
});
