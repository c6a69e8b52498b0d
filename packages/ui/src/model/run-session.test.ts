import { TreeLog } from '@coppice/client';
import type { Freshness as StoreFreshness } from '@coppice/client';
import { stillText } from '@coppice/client';
import type { Hold, RunEvent } from '@coppice/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Estimate, SessionMessage, TaskDecisions, TaskExplanation } from '../view-channel.ts';
import { RunModel } from './run-model.ts';
import { RunSession } from './run-session.ts';
import type { AttachedView } from './run-session.ts';
import { logOf, runEvents } from './run.fixture.ts';
import type { Happening } from './run.fixture.ts';

const BUNDLE_MS = 60;
const EVENTS = logOf({ root: [null], a: ['root'], b: ['root', 'a'] }, [
  ['TaskOpened', 'root', { ready: ['a'] }],
  ['TaskStarted', 'a', { attempt: 1, input: {} }],
  ['TaskCompleted', 'a', { attempt: 1, output: 1, ready: ['b'] }],
]);

/** A session over a log that grows as the test says, and a view that is a model fed by its messages. */
function bench() {
  const log = new TreeLog('t', () => Promise.resolve({ items: [], lastSeq: 0 }));
  let estimate: Estimate | undefined;
  let tellEstimate: () => void = () => undefined;
  let tellFreshness: (freshness: StoreFreshness) => void = () => undefined;
  const store = {
    freshness: 'live' as StoreFreshness,
    onFreshness: (listener: (freshness: StoreFreshness) => void) => {
      tellFreshness = listener;
      return () => undefined;
    },
    find: () => ({ progress: estimate }),
    onTrees: (listener: () => void) => {
      tellEstimate = listener;
      return () => undefined;
    },
  };
  let isClosed = false;
  const open = { log, close: () => (isClosed = true) };
  const explain = (taskId: string): Promise<TaskExplanation> =>
    taskId === 'busy'
      ? Promise.reject(new Error('The server is busy'))
      : Promise.resolve({ summary: `${taskId} waits for a limit`, mayAnswer: false });
  const decide = (treeId: string, taskId: string, seq: number | undefined): Promise<TaskDecisions> =>
    taskId === 'busy'
      ? Promise.reject(new Error('The server is busy'))
      : Promise.resolve({ taskId, edges: [], gates: [{ gate: `${treeId} ${seq}`, held: 0, limit: 1, closedTo: 0 }] });
  const answer = (taskId: string): Promise<void> =>
    taskId === 'a' ? Promise.resolve() : Promise.reject(new Error(`${taskId} does not wait`));
  const holds = { items: [] as readonly Hold[], listeners: new Set<() => void>() };
  const hold = (items: readonly Hold[]): void => {
    holds.items = items;
    for (const listener of holds.listeners) listener();
  };
  const session = new RunSession({
    store,
    open,
    holds: {
      get items() {
        return holds.items;
      },
      onChange(listener) {
        holds.listeners.add(listener);
        return () => holds.listeners.delete(listener);
      },
    },
    actions: ['explain'],
    bundleMs: BUNDLE_MS,
    explain,
    decide,
    answer,
  });
  const grow = (events: readonly RunEvent[]): void => {
    for (const event of events) void log.receive(event);
  };
  const attach = () => {
    const messages: SessionMessage[] = [];
    const model = new RunModel();
    const view: AttachedView = session.attach({
      post: (message) => {
        messages.push(message);
        const change = model.receive(message);
        if (change.kind === 'gap') view.receive({ type: 'resync', ...change });
      },
    });
    return { view, model, messages };
  };
  const loseConnection = (): void => {
    store.freshness = 'reconnecting';
    tellFreshness('reconnecting');
  };
  const tellEstimated = (next: Estimate): void => {
    estimate = next;
    tellEstimate();
  };
  return { session, log, grow, attach, hold, loseConnection, tellEstimated, isClosed: () => isClosed };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a view', () => {
  it('gets the whole log when it is ready, and bundles afterwards', () => {
    const { grow, attach } = bench();
    grow(EVENTS.slice(0, 2));
    const { view, model, messages } = attach();
    expect(messages).toEqual([]);
    view.receive({ type: 'ready' });
    expect(messages.map(({ type }) => type)).toEqual(['tree', 'events', 'freshness', 'selection', 'cursor', 'holds']);
    messages.length = 0;
    grow(EVENTS.slice(2));
    expect(messages).toEqual([]);
    vi.advanceTimersByTime(BUNDLE_MS);
    expect(messages).toMatchObject([{ type: 'events', afterSeq: 2, events: EVENTS.slice(2) }]);
    expect(model.newest.tasks.get('b')?.status).toBe('ready');
  });

  it('gets nothing while it is hidden, and everything when it is seen again', () => {
    const { grow, attach, session, loseConnection } = bench();
    grow(EVENTS.slice(0, 2));
    const { view, model, messages } = attach();
    view.receive({ type: 'ready' });
    messages.length = 0;
    view.setVisible(false);
    grow(EVENTS.slice(2));
    session.select('a');
    session.moveCursor(3);
    loseConnection();
    vi.advanceTimersByTime(BUNDLE_MS * 10);
    expect(messages).toEqual([]);
    view.setVisible(true);
    expect(model.events).toEqual(EVENTS);
    expect([model.selectedId, model.cursor, model.freshness]).toEqual(['a', 3, 'reconnecting']);
  });

  it('has the same picture as its session, however it is hidden, reloaded and cut off', () => {
    const acts = fc.array(fc.constantFrom('grow', 'hide', 'show', 'reload', 'wait', 'lose'), { maxLength: 30 });
    fc.assert(
      fc.property(runEvents(), acts, (events, steps) => {
        const { grow, attach, log } = bench();
        const { view, model } = attach();
        view.receive({ type: 'ready' });
        let at = 0;
        for (const step of steps) {
          if (step === 'grow') grow(events.slice(at, (at += 3)));
          else if (step === 'hide' || step === 'show') view.setVisible(step === 'show');
          else if (step === 'reload') view.receive({ type: 'ready' });
          else if (step === 'wait') vi.advanceTimersByTime(BUNDLE_MS);
          else view.receive({ type: 'resync', treeId: 't', afterSeq: Math.max(0, model.newest.seq - 2) });
        }
        view.setVisible(true);
        vi.advanceTimersByTime(BUNDLE_MS);
        expect(model.events).toEqual(log.events);
        model.newest.changed.clear();
        expect(model.newest).toEqual(log.view);
      }),
    );
  });
});

it('keeps one selection and one cursor for all views, and lets its log go with the last', () => {
  const { grow, attach, session, isClosed } = bench();
  grow(EVENTS);
  const [graph, timeline] = [attach(), attach()];
  for (const { view } of [graph, timeline]) view.receive({ type: 'ready' });
  const told: unknown[] = [];
  session.listen({ selected: (taskId, { isByView }) => told.push([taskId, isByView]) });
  graph.view.receive({ type: 'select', taskId: 'b' });
  timeline.view.receive({ type: 'cursor', seq: 2 });
  expect([timeline.model.selectedId, graph.model.cursor]).toEqual(['b', 2]);
  expect(session.shown.tasks.get('a')?.status).toBe('pending');
  expect(told).toEqual([['b', true]]);
  timeline.view.receive({ type: 'cursor', seq: EVENTS.length });
  expect(session.cursor).toBeUndefined();
  session.dispose();
  expect(isClosed()).toBe(true);
});

it('tells the view that asks why a task does not run, and says nothing when the server does not answer', async () => {
  const { attach } = bench();
  const [one, other] = [attach(), attach()];
  for (const { view } of [one, other]) view.receive({ type: 'ready' });
  one.view.receive({ type: 'explain', taskId: 'b' });
  await vi.runAllTimersAsync();
  expect(one.model.explained).toMatchObject({ taskId: 'b', summary: 'b waits for a limit', mayAnswer: false });
  expect(other.model.explained).toBeUndefined();
  const before = one.messages.length;
  one.view.receive({ type: 'explain', taskId: 'busy' });
  await vi.runAllTimersAsync();
  expect(one.messages.length).toBe(before);
});

it('R-CP-09: tells views and listeners what is held now, also views that were hidden, and shows none of it in the past', () => {
  const { session, attach, grow, hold } = bench();
  grow(EVENTS.slice(0, 3));
  const [seen, hidden] = [attach(), attach()];
  for (const { view } of [seen, hidden]) view.receive({ type: 'ready' });
  hidden.view.setVisible(false);
  const told: string[] = [];
  session.listen({ held: (tasks) => told.push(tasks.map(({ id }) => id).join()) });
  const everything: Hold = {
    target: { of: 'everything' },
    since: '2026-11-20T12:00:00.000Z',
    by: { userId: 'ann', face: 'cli' },
    reason: null,
  };
  const look = ({ model }: typeof seen) => stillText(model.shown.tasks.get('a')!);
  hold([everything]);
  expect([look(seen), look(hidden), told]).toEqual(['held', '', ['a']]);
  hidden.view.setVisible(true);
  expect([look(hidden), stillText(session.shown.tasks.get('a')!)]).toEqual(['held', 'held']);
  session.moveCursor(2);
  expect(look(seen)).toBe('');
  session.moveCursor(undefined);
  hold([]);
  expect([look(seen), look(hidden)]).toEqual(['', '']);
});

it('tells only the view that answered whether the server took it, and if not, why (R-SN-01)', async () => {
  const { attach } = bench();
  const [first, second] = [attach(), attach()];
  for (const { view } of [first, second]) view.receive({ type: 'ready' });
  first.view.receive({ type: 'answer', taskId: 'a', answer: { approved: true } });
  first.view.receive({ type: 'answer', taskId: 'b', answer: { approved: true } });
  await vi.runAllTimersAsync();
  const told = ({ messages }: typeof first) => messages.filter(({ type }) => type === 'answered');
  expect(told(first)).toEqual([
    { type: 'answered', taskId: 'a', problem: undefined },
    { type: 'answered', taskId: 'b', problem: { text: 'b does not wait', places: [] } },
  ]);
  expect(told(second)).toEqual([]);
});

it('says what became of dependencies at the moment that is shown, to the view that asks', async () => {
  const { attach, session, grow } = bench();
  grow(EVENTS);
  const [one, other] = [attach(), attach()];
  for (const { view } of [one, other]) view.receive({ type: 'ready' });
  one.view.receive({ type: 'decide', taskId: 'b' });
  await vi.runAllTimersAsync();
  expect(one.model.decided).toMatchObject({ taskId: 'b', gates: [{ gate: 't undefined' }] });
  expect(other.model.decided).toBeUndefined();
  session.moveCursor(3);
  one.view.receive({ type: 'decide', taskId: 'b' });
  one.view.receive({ type: 'decide', taskId: 'busy' });
  await vi.runAllTimersAsync();
  expect(one.model.decided).toMatchObject({ taskId: 'b', gates: [{ gate: 't 3' }] });
});

it('sends an estimate when it is another one, and with all the rest to a view that is seen again (R-PR-06)', () => {
  const { attach, grow, tellEstimated } = bench();
  grow(EVENTS);
  const { view, model, messages } = attach();
  view.receive({ type: 'ready' });
  expect(model.newest.eta).toBeUndefined();
  messages.length = 0;
  const estimate: Estimate = { etaMs: 4000, etaBasis: 'criticalPath' };
  for (const next of [estimate, { ...estimate }, estimate]) tellEstimated(next);
  expect(messages).toEqual([{ type: 'estimate', estimate }]);
  expect(model.newest.eta).toMatchObject({ etaMs: 4000, basis: 'criticalPath' });
  view.setVisible(false);
  tellEstimated({ etaMs: 3000, etaBasis: 'work' });
  expect(model.newest.eta?.etaMs).toBe(4000);
  view.setVisible(true);
  expect(model.newest.eta).toMatchObject({ etaMs: 3000, basis: 'work' });
  tellEstimated({ etaMs: null, etaBasis: null });
  expect(model.newest.eta).toBeUndefined();
});

it('sends a view few messages, however many events there are: one for each bundle', () => {
  const { grow, attach } = bench();
  const many = logOf({ root: [null], a: ['root'] }, [
    ['TaskStarted', 'a', { attempt: 1, input: {} }],
    ...Array.from({ length: 5000 }, (_, at): Happening => ['TaskProgressed', 'a', { attempt: 1, fraction: at / 5000 }]),
  ]);
  const { view, model, messages } = attach();
  view.receive({ type: 'ready' });
  messages.length = 0;
  const BUNDLES = 10;
  for (let at = 0; at < BUNDLES; at += 1) {
    const size = Math.ceil(many.length / BUNDLES);
    for (const event of many.slice(at * size, (at + 1) * size)) grow([event]);
    vi.advanceTimersByTime(BUNDLE_MS);
  }
  expect(messages).toHaveLength(BUNDLES);
  expect(model.events).toHaveLength(many.length);
});
