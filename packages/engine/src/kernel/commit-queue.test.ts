/** Group commit (R-EV-05, R-EV-06): what is acknowledged is durable, nothing is lost, nothing is written twice, nobody waits for ever. */
import {
  InvariantError,
  TransientError,
  type RefusedPart,
  type TreeAppend,
  type RunEvent,
  type Store,
} from '@coppice/core';
import { VirtualClock } from '@coppice/testkit/simulation';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.ts';
import { CommitQueue } from './commit-queue.ts';
import { LoadedRun } from './loaded-run.ts';

/** Appends wait until the test answers them. */
class Desk {
  readonly clock = new VirtualClock();
  readonly appends: {
    readonly batch: readonly TreeAppend[];
    readonly resolve: (refused?: readonly RefusedPart[]) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  readonly committed: string[] = [];
  readonly log: string[] = [];
  readonly queue: CommitQueue;
  fatal: unknown;

  constructor() {
    const append = (batch: readonly TreeAppend[]): Promise<readonly RefusedPart[]> =>
      new Promise((resolve, reject) =>
        this.appends.push({ batch, resolve: (refused = []) => resolve(refused), reject }),
      );
    this.queue = new CommitQueue({
      store: { append, isDurable: true } as unknown as Store,
      clock: this.clock,
      logger: silentLogger,
      beforeCommit: () => {},
      afterCommit: (_loadedRun, events) => this.committed.push(...events.map(({ seq }) => String(seq))),
      onRefused: (loadedRun, refusal) => {
        this.log.push(`dropped ${refusal.message}`);
        loadedRun.drop(refusal);
        this.queue.drop(loadedRun);
      },
      onFatal: (error) => {
        this.fatal = error;
        this.queue.fail(error);
      },
    });
  }

  /** Everything that can happen without an answer of the store happens. */
  async run(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.clock.step());
  }

  watch(name: string, loadedRun?: LoadedRun): void {
    this.queue.committed(loadedRun).then(
      (dropped) => this.log.push(dropped === undefined ? `${name} durable` : `${name} dropped`),
      (error: Error) => this.log.push(`${name} ${error.message}`),
    );
  }
}

/** As much of a run as an append says of it. */
const STATE = { treeId: 'tree', tasks: [], byId: new Map(), root: { definition: { name: 'tree' } }, counts: {} };
const loadedRun = (): LoadedRun => new LoadedRun(STATE as never, 0);
const event = (seq: number): RunEvent => ({ seq }) as RunEvent;
const seqsOf = (desk: Desk, at: number) => desk.appends[at]?.batch.map(({ events }) => events.map(({ seq }) => seq));

describe('the commit queue', () => {
  it('acknowledges after the append, not before', async () => {
    const desk = new Desk();
    desk.queue.stage(loadedRun(), [event(1)]);
    desk.watch('first');
    await desk.run();
    expect([desk.log, desk.committed]).toEqual([[], []]);
    desk.appends[0]?.resolve();
    await desk.run();
    expect([desk.log, desk.committed]).toEqual([['first durable'], ['1']]);
  });

  it('puts what is decided during an append into the next one, all of it', async () => {
    const desk = new Desk();
    const [a, b] = [loadedRun(), loadedRun()];
    desk.queue.stage(a, [event(1)]);
    await desk.run();
    desk.queue.stage(a, [event(2)]);
    desk.queue.stage(b, [event(1)]);
    desk.queue.stage(a, [event(3)]);
    expect(seqsOf(desk, 0)).toEqual([[1]]);
    desk.appends[0]?.resolve();
    await desk.run();
    expect(seqsOf(desk, 1)).toEqual([[2, 3], [1]]);
  });

  it('answers who asks during an append after which nothing is left to commit', async () => {
    const desk = new Desk();
    desk.queue.stage(loadedRun(), [event(1)]);
    await desk.run();
    desk.watch('late');
    desk.appends[0]?.resolve();
    await desk.run();
    expect(desk.log).toEqual(['late durable']);
    desk.watch('idle');
    await desk.run();
    expect(desk.log).toEqual(['late durable', 'idle durable']);
  });

  it('writes a changed row once, however long the next append takes', async () => {
    const desk = new Desk();
    const a = loadedRun();
    const [x, y] = ['x', 'y'].map((id) => ({ id, mark: 0 }) as never) as [never, never];
    a.markChanged(x);
    desk.queue.stage(a, [event(1)]);
    await desk.run();
    a.markChanged(y);
    a.markChanged(y);
    desk.queue.stage(a, [event(2)]);
    desk.appends[0]?.resolve();
    await desk.run();
    expect(desk.appends[1]?.batch[0]?.tasks.map(({ id }) => id)).toEqual(['y']);
  });

  it('"Buffers are cleared before the write succeeds": a failed append is tried again, with its rows and what came since', async () => {
    const desk = new Desk();
    const a = loadedRun();
    a.markChanged({ id: 'x', mark: 0 } as never);
    desk.queue.stage(a, [event(1)]);
    desk.watch('first');
    await desk.run();
    desk.queue.stage(a, [event(2)]);
    desk.appends[0]?.reject(new TransientError('busy'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(desk.queue.storeError).toBe('busy');
    await desk.run();
    expect(seqsOf(desk, 1)).toEqual([[1, 2]]);
    expect(desk.appends[1]?.batch[0]?.tasks.map(({ id }) => id)).toEqual(['x']);
    desk.appends[1]?.resolve();
    await desk.run();
    expect([desk.log, desk.committed, desk.queue.storeError]).toEqual([['first durable'], ['1', '2'], null]);
  });

  it('a refused part concerns its run only: what else is in the append is durable, and who waits for the run is told', async () => {
    const desk = new Desk();
    const [a, b] = [loadedRun(), loadedRun()];
    desk.queue.stage(a, [event(1)]);
    desk.queue.stage(b, [event(1)]);
    desk.watch('a', a);
    desk.watch('b', b);
    desk.watch('all');
    await desk.run();
    desk.queue.stage(a, [event(2)]);
    desk.watch('a again', a);
    desk.appends[0]?.resolve([{ part: 0, code: 'storage/conflict', message: 'a is taken' }]);
    await desk.run();
    expect(desk.fatal).toBeUndefined();
    expect(desk.log).toEqual(['dropped a is taken', 'a dropped', 'b durable', 'all durable', 'a again dropped']);
    expect(desk.committed).toEqual(['1']);
    expect(desk.appends).toHaveLength(1);
    desk.queue.stage(b, [event(2)]);
    await desk.run();
    expect(seqsOf(desk, 1)).toEqual([[2]]);
  });

  it('tells everybody when the store failed for good', async () => {
    const desk = new Desk();
    desk.queue.stage(loadedRun(), [event(1)]);
    desk.watch('first');
    await desk.run();
    desk.watch('second');
    desk.appends[0]?.reject(new InvariantError('gap'));
    await desk.run();
    desk.watch('third');
    await desk.run();
    expect(desk.log).toEqual(['first gap', 'second gap', 'third gap']);
    desk.queue.stage(loadedRun(), [event(1)]);
    await desk.run();
    expect(desk.appends).toHaveLength(1);
  });
});
