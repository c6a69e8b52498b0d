import type { RunEvent } from '@coppice/protocol';
import fc from 'fast-check';
import { foldEvents } from '@coppice/client';
import { describe, expect, it } from 'vitest';
import { RunModel } from './run-model.ts';
import { runEvents } from './run.fixture.ts';

const treeId = 't';

function modelOf(events: readonly RunEvent[]): RunModel {
  const model = new RunModel();
  model.receive({ type: 'tree', treeId, freshness: 'live', actions: [] });
  model.receive({ type: 'events', treeId, afterSeq: 0, events });
  return model;
}

describe('deltas', () => {
  it('come to the same as the whole log at once, however they are cut and repeated', () => {
    fc.assert(
      fc.property(runEvents(), fc.array(fc.nat({ max: 20 })), fc.boolean(), (events, cuts, repeats) => {
        const model = modelOf([]);
        let at = 0;
        for (const length of [...cuts, events.length]) {
          const from = repeats ? Math.max(0, at - 3) : at;
          const part = events.slice(from, at + length);
          model.receive({ type: 'events', treeId, afterSeq: from, events: part });
          at = Math.min(events.length, at + length);
        }
        const once = modelOf(events);
        model.newest.changed.clear();
        once.newest.changed.clear();
        expect(model.newest).toEqual(once.newest);
        expect(model.events).toEqual(events);
      }),
    );
  });

  it('name every task that looks different', () => {
    fc.assert(
      fc.property(runEvents(), fc.nat(), (events, cut) => {
        const at = 1 + (cut % events.length);
        const model = modelOf(events.slice(0, at));
        const before = new Map([...model.newest.tasks].map(([id, task]) => [id, JSON.stringify(looksOf(task))]));
        const change = model.receive({ type: 'events', treeId, afterSeq: at, events: events.slice(at, at + 1) });
        const named = new Set(change.kind === 'tasks' ? change.tasks.map(({ id }) => id) : []);
        const differing = [...model.newest.tasks].filter(
          ([id, task]) => JSON.stringify(looksOf(task)) !== before.get(id),
        );
        expect(differing.filter(([id]) => !named.has(id))).toEqual([]);
      }),
    );
  });

  it('are asked for again when some are missing, and those of another tree are dropped', () => {
    const events = fc.sample(runEvents(), 1)[0] ?? [];
    const model = modelOf(events.slice(0, 2));
    const late = events.slice(3);
    expect(model.receive({ type: 'events', treeId, afterSeq: 3, events: late })).toEqual({
      kind: 'gap',
      treeId,
      afterSeq: 2,
    });
    expect(model.receive({ type: 'events', treeId: 'other', afterSeq: 2, events: late })).toEqual({ kind: 'none' });
    expect(model.newest.seq).toBe(2);
  });
});

describe('the cursor', () => {
  it('shows the state at any event, and lets new events pass by', () => {
    fc.assert(
      fc.property(runEvents(), fc.nat(), (events, pick) => {
        const seq = 1 + (pick % events.length);
        const model = modelOf(events.slice(0, -1));
        model.receive({ type: 'cursor', seq });
        model.receive({ type: 'events', treeId, afterSeq: events.length - 1, events: events.slice(-1) });
        const shownSeq = seq >= events.length - 1 ? events.length : seq;
        const { changed: _, ...shown } = model.shown;
        const { changed: __, ...expected } = foldEvents(events.slice(0, shownSeq));
        expect(shown).toEqual(expected);
        model.receive({ type: 'cursor', seq: undefined });
        expect(model.shown).toBe(model.newest);
      }),
    );
  });
});

function looksOf(task: RunModel['newest']['tasks'] extends Map<string, infer Task> ? Task : never) {
  const { status, attempt, progress, message, isLeftOut, isDeleted, inside } = task;
  return { status, attempt, progress, message, isLeftOut, isDeleted, inside };
}
