/** Observers are told every event at least once and in order per tree, whatever they throw, and harm nothing. */
import type { Clock, CommittedEvent, RunEvent, Store, TreeId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { giveToOwner } from './kernel/code-owner.ts';
import { silentLogger } from './logger.ts';
import { Observers } from './observers.ts';
import type { ExtensionRegistry } from './registry/extension-registry.ts';

const A = 'a' as TreeId;
const B = 'b' as TreeId;
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Logs and places that outlive the observers of one start. */
class World {
  readonly logs = new Map<TreeId, RunEvent[]>();
  readonly places = new Map<TreeId, number>();
  readonly timers = new Map<() => void, number>();
  readonly warnings: string[] = [];
  failingReads = 0;

  write(treeId: TreeId, count: number): void {
    const log = this.logs.get(treeId) ?? [];
    this.logs.set(treeId, log);
    for (let at = 0; at < count; at++) log.push({ seq: log.length + 1, type: 'TaskProgressed' } as RunEvent);
  }

  /** Moves the clock to the next timer. */
  async ring(): Promise<number> {
    const [first] = [...this.timers].toSorted(([, left], [, right]) => left - right);
    if (first === undefined) throw new Error('no timer is set');
    this.timers.delete(first[0]);
    first[0]();
    await settle();
    return first[1];
  }

  start(observe: (treeId: TreeId, event: CommittedEvent) => void | Promise<void>): Observers {
    const store = {
      listBehind: async () => {
        if (this.failingReads-- > 0) throw new Error('busy');
        return [...this.logs].flatMap(([id, log]) => (log.length > (this.places.get(id) ?? 0) ? [id] : []));
      },
      loadCursor: async (_: string, treeId: TreeId) => this.places.get(treeId) ?? 0,
      saveCursor: async (_: string, treeId: TreeId, seq: number) => void this.places.set(treeId, seq),
      readEvents: async (treeId: TreeId, afterSeq: number, limit: number) =>
        (this.logs.get(treeId) ?? []).slice(afterSeq, afterSeq + limit),
    };
    const clock = {
      defer: (callback: () => void) => void setImmediate(callback),
      setTimer: (delayMs: number, callback: () => void) => {
        this.timers.set(callback, delayMs);
        return () => void this.timers.delete(callback);
      },
    };
    const registry = { listObservers: () => [{ name: 'witness', observe }] };
    const observers = new Observers({
      store: store as unknown as Store,
      clock: clock as Clock,
      registry: registry as unknown as ExtensionRegistry,
      logger: { ...silentLogger, warn: (_: object, message: string) => void this.warnings.push(message) },
    });
    observers.start();
    return observers;
  }
}

/** Keeps what it is told, by tree. */
function witness(): {
  readonly told: Map<TreeId, number[]>;
  readonly observe: (treeId: TreeId, event: CommittedEvent) => void;
} {
  const told = new Map<TreeId, number[]>([
    [A, []],
    [B, []],
  ]);
  return { told, observe: (treeId, { seq }) => void told.get(treeId)?.push(seq) };
}

describe('an observer', () => {
  it('is told what was committed while it was away, and what is committed from then on', async () => {
    const world = new World();
    world.write(A, 250);
    const { told, observe } = witness();
    const observers = world.start(observe);
    await settle();
    world.write(A, 2);
    world.write(B, 1);
    observers.committed(A);
    observers.committed(B);
    await settle();
    expect([told.get(A), told.get(B)]).toEqual([upTo(252), [1]]);
  });

  it('goes on from its place at the next start', async () => {
    const world = new World();
    world.write(A, 3);
    const first = world.start(() => undefined);
    await settle();
    await first.stop();
    world.write(A, 2);
    const { told, observe } = witness();
    world.start(observe);
    await settle();
    expect(told.get(A)).toEqual([4, 5]);
  });

  it('is told one event at a time, and a stop waits for that one only', async () => {
    const world = new World();
    world.write(A, 3);
    const { told, observe } = witness();
    let release = (): void => {};
    const observers = world.start((treeId, event) => {
      observe(treeId, event);
      return new Promise<void>((resolve) => (release = resolve));
    });
    await settle();
    expect(told.get(A)).toEqual([1]);
    const stopped = observers.stop();
    release();
    await stopped;
    expect([told.get(A), world.places.get(A)]).toEqual([[1], 1]);
  });

  it('that throws is told the event again, later each time, while other trees go on', async () => {
    const world = new World();
    world.write(A, 3);
    world.write(B, 3);
    const { told, observe } = witness();
    let failures = 3;
    world.start((treeId, event) => {
      if (treeId === A && event.seq === 2 && failures-- > 0) throw new Error('not now');
      observe(treeId, event);
    });
    await settle();
    expect([told.get(A), told.get(B), world.places.get(A)]).toEqual([[1], [1, 2, 3], 1]);
    expect([await world.ring(), await world.ring(), await world.ring()]).toEqual([1_000, 2_000, 4_000]);
    expect([told.get(A), world.timers.size]).toEqual([[1, 2, 3], 0]);
  });

  it('that always fails rests after a hundred trees, and waits five minutes at most', async () => {
    const world = new World();
    for (let tree = 0; tree < 150; tree++) world.write(`t${tree}` as TreeId, 1);
    world.start(async () => {
      throw new Error('never');
    });
    for (let turn = 0; turn < 5; turn++) await settle();
    expect([world.timers.size, world.warnings.length]).toEqual([100, 100]);
    for (let times = 0; times < 1_500; times++) await world.ring();
    expect(world.timers.size).toBe(100);
    expect(Math.max(...world.timers.values())).toBe(300_000);
  });

  it('owns what it throws where nobody catches it', async () => {
    const world = new World();
    world.write(A, 1);
    const isOwned = new Promise<boolean>((resolve) => {
      world.start(() => void setImmediate(() => resolve(giveToOwner(new Error('later')))));
    });
    expect(await isOwned).toBe(true);
    expect(world.warnings).toEqual(['An observer threw where nobody catches errors; nothing else is touched']);
  });

  it('is told a tree from its first event whose id was used before', async () => {
    const world = new World();
    world.write(A, 3);
    const { told, observe } = witness();
    let release: (() => void) | undefined;
    const observers = world.start((treeId, event) => {
      observe(treeId, event);
      if (event.seq !== 2 || release !== undefined) return undefined;
      return new Promise<void>((resolve) => (release = resolve));
    });
    await settle();
    world.logs.delete(A);
    observers.deleted(A);
    world.write(A, 2);
    observers.committed(A);
    release?.();
    await settle();
    expect([told.get(A), world.places.get(A)]).toEqual([[1, 2, 1, 2], 2]);
  });

  it('whose missed events can not be read is asked about again', async () => {
    const world = new World();
    world.write(A, 1);
    world.failingReads = 1;
    const { told, observe } = witness();
    world.start(observe);
    await settle();
    expect(told.get(A)).toEqual([]);
    await world.ring();
    expect(told.get(A)).toEqual([1]);
  });
});
