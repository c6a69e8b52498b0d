import { foldEvents } from '@coppice/client';
import { expect, it } from 'vitest';
import { compareRuns } from './compare-runs.ts';
import { criticalPath } from './critical-path.ts';
import { FlowLayout } from '../layout/flow-layout.ts';
import type { FlowProblem } from '../layout/flow-problem.ts';
import { Arranger } from './arranger.ts';
import { collapsedAtFirst } from './first-look.ts';
import type { GraphLayout } from './graph-model.ts';
import { depthFirst } from './graph-outline.ts';
import { logOf } from './run.fixture.ts';
import { TimelineModel } from './timeline-model.ts';
import { rowsOf } from './timeline-rows.ts';

const DEPTH = 10_000;

it('a tree that is deeper than the stack is folded, laid out, listed and compared', async () => {
  const tree = Object.fromEntries(
    Array.from({ length: DEPTH }, (_, at): [string, [string | null]] => [`g${at}`, [at === 0 ? null : `g${at - 1}`]]),
  );
  const events = logOf(tree, [
    ['TaskStarted', `g${DEPTH - 1}`, { attempt: 1, input: {}, executor: 'delay' }],
    ['TaskCompleted', `g${DEPTH - 1}`, { attempt: 1, output: null }],
  ]);
  const view = foldEvents(events);
  expect(view.tasks.size).toBe(DEPTH);
  expect(collapsedAtFirst(view).size).toBeGreaterThan(0);
  for (const look of ['flow', 'tree'] as const) {
    const layout = await new Promise<GraphLayout>((arranged, failed) => {
      const place = async (problem: FlowProblem) => new FlowLayout().place(problem);
      new Arranger({ place, arranged, failed }).arrange({ view, collapsed: new Set(), look });
    });
    expect(layout.nodes).toHaveLength(DEPTH);
  }
  expect(depthFirst(view)).toHaveLength(DEPTH);
  expect(rowsOf(view.root, new Set())).toHaveLength(DEPTH);
  expect(compareRuns(view, foldEvents(events)).length).toBeGreaterThan(0);
  const model = new TimelineModel();
  model.add(events);
  expect(criticalPath(model).length).toBeGreaterThan(0);
});
