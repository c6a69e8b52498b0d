import { foldEvents } from '@coppice/client';
import type { RunView } from '@coppice/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowLayout } from '../layout/flow-layout.ts';
import type { FlowProblem } from '../layout/flow-problem.ts';
import { Arranger } from './arranger.ts';
import { collapsedAtFirst, foldNewcomers } from './first-look.ts';
import { gatherEdges, outlineEdges } from './graph-edges.ts';
import { isMisplaced, neighbour } from './graph-model.ts';
import type { GraphLayout } from './graph-model.ts';
import { depthFirst, outlineOf, searchTasks } from './graph-outline.ts';
import { logOf, runEvents } from './run.fixture.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './tree-layout.ts';

const runs = runEvents(30).map((events) => foldEvents(events));

/** The tree picture, which has its places at once. */
function laidOut(view: RunView, collapsed: ReadonlySet<string> = new Set()): GraphLayout {
  let found: GraphLayout | undefined;
  const place = () => Promise.reject(new Error('A tree asks nobody'));
  const arranged = (layout: GraphLayout): void => void (found = layout);
  new Arranger({ place, arranged, failed: () => undefined }).arrange({ view, collapsed, look: 'tree' });
  if (found === undefined) throw new Error('There is no tree');
  return found;
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
    const pairs = (layout: GraphLayout) => layout.edges.map(({ from, to }) => `${from.id}→${to.id}`);
    expect(pairs(laidOut(view))).toEqual(['a1→a2', 'a1→b', 'a2→b', 'b→c']);
    expect(pairs(laidOut(view, new Set(['a'])))).toEqual(['a→b', 'b→c']);
  });
});

describe('edges of a flow', () => {
  const gathered = (view: RunView) => {
    const rows = outlineOf(view, new Set());
    return gatherEdges(outlineEdges(view, rows), rows);
  };
  const pairs = (view: RunView): readonly string[] => {
    const rows = outlineOf(view, new Set());
    return gathered(view).map(({ from, to }) => `${rows[from]?.task.id}→${rows[to]?.task.id}`);
  };

  it('lead to the group when all of its members wait for the same, and from it when something waits for all of them', () => {
    const tree = {
      root: [null],
      build: ['root'],
      tests: ['root'],
      a: ['tests', 'build'],
      b: ['tests', 'build'],
      c: ['tests', 'build', 'a'],
      ship: ['root', 'a', 'b', 'c'],
    } as const;
    const view = foldEvents(logOf(tree, []));
    expect(pairs(view).toSorted()).toEqual(['a→c', 'build→tests', 'tests→ship']);
    const toTests = gathered(view).find(({ toIds }) => toIds.has('b'));
    expect([...(toTests?.toIds ?? [])]).toEqual(['a', 'b', 'c']);
  });

  it('stay as they are when one member does not wait, or when there are only two', () => {
    const some = { root: [null], x: ['root'], g: ['root'], a: ['g', 'x'], b: ['g', 'x'], c: ['g'] } as const;
    expect(pairs(foldEvents(logOf(some, [])))).toEqual(['x→a', 'x→b']);
    const two = { root: [null], x: ['root'], g: ['root'], a: ['g', 'x'], b: ['g', 'x'] } as const;
    expect(pairs(foldEvents(logOf(two, [])))).toEqual(['x→a', 'x→b']);
  });
});

describe('arranging a flow', () => {
  const view = foldEvents(logOf({ root: [null], g: ['root'], a: ['g'], b: ['g', 'a'] }, []));

  /** A layouter that answers when it is told to. */
  function heldLayouter() {
    const layout = new FlowLayout();
    const held: (() => void)[] = [];
    const layouts: GraphLayout[] = [];
    const arranger = new Arranger({
      place: (problem: FlowProblem) => new Promise((answer) => held.push(() => answer(layout.place(problem)))),
      arranged: (arranged) => layouts.push(arranged),
      failed: (error) => {
        throw error;
      },
    });
    const answerNext = async (): Promise<void> => {
      held.shift()?.();
      await Promise.resolve();
      await new Promise((soon) => void setImmediate(soon));
    };
    return { arranger, layouts, held, answerNext };
  }

  it('asks one question at a time, and of those that wait only the newest', async () => {
    const { arranger, layouts, held, answerNext } = heldLayouter();
    arranger.arrange({ view, collapsed: new Set(), look: 'flow' });
    arranger.arrange({ view, collapsed: new Set(['root']), look: 'flow' });
    arranger.arrange({ view, collapsed: new Set(['g']), look: 'flow' });
    expect(held).toHaveLength(1);
    await answerNext();
    await answerNext();
    expect(held).toHaveLength(0);
    expect(layouts.map(({ nodes }) => nodes.length)).toEqual([4, 2]);
  });

  it('answers what it was asked last at once, for another moment of the run too', async () => {
    const { arranger, layouts, answerNext } = heldLayouter();
    arranger.arrange({ view, collapsed: new Set(), look: 'flow' });
    await answerNext();
    const later = foldEvents(logOf({ root: [null], g: ['root'], a: ['g'], b: ['g', 'a'] }, []));
    arranger.arrange({ view: later, collapsed: new Set(), look: 'flow' });
    expect(layouts).toHaveLength(2);
    expect(layouts[1]?.byId.get('a')?.task).toBe(later.tasks.get('a'));
    expect(layouts[1]?.byId.get('a')?.x).toBe(layouts[0]?.byId.get('a')?.x);
  });

  it('shows nothing of another run, or after the tree picture was chosen', async () => {
    const { arranger, layouts, answerNext } = heldLayouter();
    arranger.arrange({ view, collapsed: new Set(), look: 'flow' });
    arranger.arrange({ view, collapsed: new Set(), look: 'tree' });
    await answerNext();
    expect(layouts.map(({ look }) => look)).toEqual(['tree']);
  });

  it('knows a task that has no place yet, and one that has lost it', () => {
    const layout = laidOut(view, new Set(['g']));
    const [g, a] = [view.tasks.get('g')!, view.tasks.get('a')!];
    expect([isMisplaced(layout, g), isMisplaced(layout, a)]).toEqual([false, false]);
    const added = { ...a, id: 'new', parent: view.root };
    expect(isMisplaced(layout, added)).toBe(true);
    expect(isMisplaced(layout, { ...g, isDeleted: true })).toBe(true);
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

describe('members that come while the run goes on', () => {
  const view = foldEvents(logOf({ root: [null], g: ['root'], m: ['root'], big: ['root'] }, []));
  const task = (id: string) => view.tasks.get(id)!;
  const grow = (id: string, count: number) =>
    Array.from({ length: count }, (_, at) => {
      const group = task(id);
      const member = { ...task('g'), id: `${id}.${at}`, parent: group, children: [] };
      group.children.push(member);
      view.tasks.set(member.id, member);
      return member;
    });

  it('are seen in their group, or counted in it when they are copies of one task or too many', () => {
    task('m').definition = { ...task('m').definition, multiplier: { forEach: [1, 2, 3], body: [] } };
    const collapsed = collapsedAtFirst(view);
    expect([...collapsed]).toEqual(['m']);
    const before = laidOut(view, collapsed);
    const added = [...grow('g', 3), ...grow('m', 3), ...grow('big', 200)];
    foldNewcomers(added, before, collapsed);
    expect([...collapsed].toSorted()).toEqual(['big', 'm']);
    const after = laidOut(view, collapsed);
    expect(after.nodes.map(({ id }) => id)).toEqual(['root', 'g', 'g.0', 'g.1', 'g.2', 'm', 'big']);
    expect(after.byId.get('m')?.isCollapsed).toBe(true);
    // A group that a person has opened stays open, however many come.
    collapsed.delete('big');
    foldNewcomers(grow('big', 200), laidOut(view, collapsed), collapsed);
    expect(collapsed.has('big')).toBe(false);
  });
});

it('finds tasks by name, key, executor or tag, in any case', () => {
  const view = foldEvents(logOf({ Root: [null], 'build site': ['Root'], deploy: ['Root'] }, []));
  expect(searchTasks(view, 'BUILD').map(({ id }) => id)).toEqual(['build site']);
  expect(searchTasks(view, 'delay').map(({ id }) => id)).toEqual(['build site', 'deploy']);
  expect(searchTasks(view, '  ')).toEqual([]);
});
