/** Every subscriber hears everything once and in order, whatever its speed, and delays nobody (R-PR-02 to R-PR-04). */
import type { RunEvent, Store, TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import type { RunProgress } from './shown-run.ts';
import { silentLogger } from './logger.ts';
import { Subscriptions } from './subscriptions.ts';

const treeId = 'tree' as TreeId;
const other = 'other' as TreeId;

/** A log that grows, and what publishes its growth. */
class Desk {
  readonly logs = new Map<TreeId, RunEvent[]>();
  readonly ended = new Set<TreeId>();
  readonly subscriptions: Subscriptions;
  reads = 0;

  constructor() {
    const store = {
      readEvents: async (of: TreeId, afterSeq: number, limit: number) => {
        this.reads++;
        return (this.logs.get(of) ?? []).slice(afterSeq, afterSeq + limit);
      },
      findTree: async (of: TreeId) => ({ status: this.ended.has(of) ? 'completed' : 'running' }),
    };
    this.subscriptions = new Subscriptions(store as unknown as Store, silentLogger);
  }

  commit(count: number, of: TreeId = treeId, hasEnded = false): void {
    const log = this.logs.get(of) ?? [];
    this.logs.set(of, log);
    const events = Array.from(
      { length: count },
      (_, at) => ({ seq: log.length + at + 1, type: 'TaskProgressed' }) as RunEvent,
    );
    log.push(...events);
    if (hasEnded) this.ended.add(of);
    const progress = () => ({ treeId: of, seq: log.length }) as RunProgress;
    const userId = of === treeId ? 'ann' : 'bob';
    this.subscriptions.publish({ treeId: of, userId, events, progress, groups: () => [], hasEnded });
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('a subscriber', () => {
  it('of one tree hears that tree, live, and its end', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    desk.commit(2);
    desk.subscriptions.add(
      { treeId },
      { event: (of, { seq }) => void heard.push(`${of} ${seq}`), end: () => void heard.push('end') },
    );
    desk.commit(1, other);
    desk.commit(1);
    desk.commit(1, treeId, true);
    await settle();
    expect(heard).toEqual(['tree 3', 'tree 4', 'end']);
  });

  it('that asks for the past hears it first, without gap to what is live', async () => {
    const desk = new Desk();
    const heard: number[] = [];
    let ends = 0;
    desk.commit(2_500);
    desk.subscriptions.add(
      { treeId, afterSeq: 10 },
      { event: (_, { seq }) => void heard.push(seq), end: () => void ends++ },
    );
    desk.commit(3);
    await settle();
    desk.commit(2, treeId, true);
    await settle();
    expect(heard).toEqual(upTo(2_505).slice(10));
    expect(ends).toBe(1);
  });

  it('of an ended tree hears the past and the end', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    desk.commit(3, treeId, true);
    desk.subscriptions.add(
      { treeId, afterSeq: 0 },
      { event: (_, { seq }) => void heard.push(String(seq)), end: () => void heard.push('end') },
    );
    await settle();
    expect(heard).toEqual(['1', '2', '3', 'end']);
  });

  it('of a user, or of all, hears those trees only', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    desk.subscriptions.add({ userId: 'bob' }, { event: (of) => void heard.push(`bob ${of}`) });
    desk.subscriptions.add({}, { event: (of) => void heard.push(`all ${of}`) });
    desk.commit(1);
    desk.commit(1, other);
    await settle();
    expect(heard.toSorted()).toEqual(['all other', 'all tree', 'bob other']);
  });

  it('of all trees, a user, or the tree hears that a tree was deleted, after its events, and nobody else does', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    const listener = (name: string) => ({
      event: () => void heard.push(`${name} event`),
      deleted: (of: TreeId) => void heard.push(`${name} ${of} deleted`),
      end: () => void heard.push(`${name} end`),
    });
    desk.subscriptions.add({}, listener('all'));
    desk.subscriptions.add({ userId: 'ann' }, listener('ann'));
    desk.subscriptions.add({ userId: 'bob' }, listener('bob'));
    desk.subscriptions.add({ treeId }, listener('one'));
    desk.commit(1);
    desk.subscriptions.publishDeleted(treeId, 'ann');
    await settle();
    const deleted = ['all tree deleted', 'ann tree deleted', 'one tree deleted', 'one end'];
    expect(heard.toSorted()).toEqual(['all event', 'ann event', 'one event', ...deleted].toSorted());
    expect(heard.indexOf('all event')).toBeLessThan(heard.indexOf('all tree deleted'));
  });

  it('that is slow hears of every deletion, also of trees whose events it has to read', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    const free: (() => void)[] = [];
    desk.subscriptions.add(
      {},
      {
        event: (of, { seq }) => new Promise<void>((resolve) => (heard.push(`${of} ${seq}`), free.push(resolve))),
        deleted: (of) => void heard.push(`${of} deleted`),
      },
    );
    desk.commit(1);
    desk.subscriptions.publishDeleted(treeId, 'ann');
    desk.commit(900, other);
    desk.commit(200, other);
    desk.logs.delete(other);
    desk.subscriptions.publishDeleted(other, 'bob');
    while (free.length > 0) {
      free.shift()?.();
      await settle();
    }
    expect(heard).toEqual(['tree 1', 'tree deleted', 'other deleted']);
  });

  it('that is slow loses its buffer, not an event, and delays nobody', async () => {
    const desk = new Desk();
    const slow: number[] = [];
    const fast: number[] = [];
    let next: (() => void) | undefined;
    desk.subscriptions.add(
      { treeId },
      { event: (_, { seq }) => new Promise<void>((resolve) => (slow.push(seq), (next = resolve))) },
    );
    desk.subscriptions.add({ treeId }, { event: (_, { seq }) => void fast.push(seq) });
    for (let commit = 0; commit < 50; commit++) desk.commit(100);
    await settle();
    expect([slow.length, fast.length]).toEqual([1, 5_000]);
    while (slow.length < 5_000) {
      next?.();
      await Promise.resolve();
      if (slow.length % 1_000 === 1) await settle();
    }
    expect(slow).toEqual(upTo(5_000));
    expect(desk.reads).toBeGreaterThan(0);
  });

  it('of all trees that is slow hears every tree in order', async () => {
    const desk = new Desk();
    const heard = new Map<TreeId, number[]>();
    let isFree = false;
    desk.subscriptions.add(
      {},
      {
        event: async (of, { seq }) => {
          heard.set(of, [...(heard.get(of) ?? []), seq]);
          while (!isFree) await settle();
        },
      },
    );
    for (let commit = 0; commit < 30; commit++) {
      desk.commit(50);
      desk.commit(50, other);
    }
    isFree = true;
    for (let turn = 0; turn < 50 && (heard.get(other)?.length ?? 0) < 1_500; turn++) await settle();
    expect(heard.get(treeId)).toEqual(upTo(1_500));
    expect(heard.get(other)).toEqual(upTo(1_500));
  });

  it('that throws or rejects is served no longer; others are', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    desk.subscriptions.add({ treeId }, { event: (_, { seq }) => (heard.push(`throws ${seq}`), fail()) });
    desk.subscriptions.add({ treeId }, { event: async (_, { seq }) => (heard.push(`rejects ${seq}`), fail()) });
    desk.subscriptions.add({ treeId }, { event: (_, { seq }) => void heard.push(`sound ${seq}`) });
    desk.commit(1);
    await settle();
    desk.commit(1);
    await settle();
    expect(heard).toEqual(['throws 1', 'rejects 1', 'sound 1', 'sound 2']);
  });

  it('may leave at any time, twice, and within a call', async () => {
    const desk = new Desk();
    const heard: number[] = [];
    const leave = desk.subscriptions.add(
      { treeId },
      {
        event: (_, { seq }) => {
          heard.push(seq);
          if (seq === 2) leave();
        },
      },
    );
    desk.commit(5);
    leave();
    desk.commit(1);
    await settle();
    expect(heard).toEqual([1, 2]);
  });

  it('is told of the end when the engine stops', () => {
    const desk = new Desk();
    let ends = 0;
    desk.subscriptions.add({}, { event: () => {}, end: () => void ends++ });
    desk.subscriptions.add({ treeId }, { event: () => {}, end: () => void ends++ });
    desk.subscriptions.close();
    expect(ends).toBe(2);
  });

  it('gets progress only if it asks, after the events it belongs to', async () => {
    const desk = new Desk();
    const heard: string[] = [];
    desk.subscriptions.add(
      { treeId },
      {
        event: (_, { seq }) => void heard.push(`event ${seq}`),
        progress: ({ seq }) => void heard.push(`progress ${seq}`),
      },
    );
    desk.commit(2);
    await settle();
    expect(heard).toEqual(['event 1', 'event 2', 'progress 2']);
  });

  it('shares events and progress with all others, as the same objects, so that they are encoded once (R-PR-12)', () => {
    const desk = new Desk();
    const heard = new Set<object>();
    for (let count = 0; count < 100; count++) {
      desk.subscriptions.add(
        {},
        { event: (_, event) => void heard.add(event), progress: (progress) => void heard.add(progress) },
      );
    }
    desk.commit(2);
    expect(heard.size).toBe(3);
  });

  it('reads the past with one query where it fits into one answer', async () => {
    const desk = new Desk();
    let heard = 0;
    desk.commit(999);
    desk.subscriptions.add({ treeId, afterSeq: 0 }, { event: () => void heard++ });
    await settle();
    expect([heard, desk.reads]).toEqual([999, 1]);
  });
});

function fail(): never {
  throw new Error('planted');
}

describe('a subscriber of an embedding program', () => {
  const rejecting = () => Promise.reject(new Error('async'));
  const throwing = () => {
    throw new Error('sync');
  };
  /** Objects with a `then` of every kind, and other things that are no promises. */
  const harmless: Readonly<Record<string, () => unknown>> = {
    'a number': () => 7,
    'a text': () => 'then',
    null: () => null,
    'an object': () => ({ length: 1 }),
    'an object without a prototype': () => Object.create(null) as unknown,
    'an object whose then is no function': () => ({ then: 1 }),
    'a function': () => throwing,
    'a thenable': () => ({ then: (resolve: () => void) => resolve() }),
    'a thenable that settles twice': () => ({
      then: (resolve: () => void, reject: (error: Error) => void) => (resolve(), reject(new Error('late'))),
    }),
  };
  it.each(Object.entries(harmless))('may return %s', async (_what, returned) => {
    const desk = new Desk();
    const heard: unknown[] = [];
    const hear = (what: unknown): unknown => (heard.push(what), returned());
    desk.subscriptions.add(
      { treeId },
      { event: (_, { seq }) => hear(seq), progress: () => hear('progress'), deleted: () => hear('deleted'), end: hear },
    );
    desk.commit(2);
    await settle();
    desk.subscriptions.publishDeleted(treeId, 'ann');
    await settle();
    expect(heard).toEqual([1, 2, 'progress', 'deleted', 'deleted']);
  });

  const harmful: Readonly<Record<string, () => unknown>> = {
    throws: throwing,
    rejects: rejecting,
    'throws nothing': () => {
      throw undefined as unknown as Error;
    },
    'rejects with something that has no text': () => Promise.reject(Object.create(null)),
    'returns an object whose then can not be read': () => ({
      get then() {
        return throwing();
      },
    }),
    'returns a thenable that throws': () => ({ then: throwing }),
    'returns a thenable that rejects': () => ({
      then: (_: unknown, reject: (error: Error) => void) => reject(new Error('x')),
    }),
  };
  it.each(Object.entries(harmful))(
    'that %s is told that it failed, once, and the others go on',
    async (_what, fails) => {
      const desk = new Desk();
      const ends: unknown[] = [];
      const heard: number[] = [];
      desk.subscriptions.add({ treeId }, { event: fails, end: (reason) => void ends.push(reason) });
      desk.subscriptions.add(
        {},
        { event: () => undefined, progress: fails, end: (reason) => (ends.push(reason), fails()) },
      );
      desk.subscriptions.add({ treeId, afterSeq: 0 }, { event: fails, end: (reason) => void ends.push(reason) });
      desk.subscriptions.add({ treeId }, { event: (_, { seq }) => void heard.push(seq) });
      desk.commit(1);
      await settle();
      desk.commit(1);
      await settle();
      expect(ends).toEqual(['failed', 'failed', 'failed']);
      expect(heard).toEqual([1, 2]);
    },
  );

  it.each(Object.entries(harmful))('may unsubscribe in its call although it %s', async (_what, fails) => {
    const desk = new Desk();
    const ends: unknown[] = [];
    const unsubscribe = desk.subscriptions.add(
      { treeId },
      { event: () => (unsubscribe(), fails()), end: (reason) => void ends.push(reason) },
    );
    desk.commit(2);
    await settle();
    expect(ends).toEqual([]);
  });

  it('is told why nothing more comes', async () => {
    const desk = new Desk();
    const ends: unknown[] = [];
    const end = (reason: unknown): void => void ends.push(reason);
    desk.subscriptions.add({ treeId }, { event: () => {}, end });
    desk.commit(1, treeId, true);
    await settle();
    desk.subscriptions.add({}, { event: () => {}, end });
    desk.subscriptions.close();
    desk.subscriptions.close();
    expect(ends).toEqual(['runEnded', 'shutdown', 'shutdown']);
  });
});
