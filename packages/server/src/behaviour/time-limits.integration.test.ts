/** Durations and instants of every size: bounded where they enter, so that no tree becomes unreadable and no subscription breaks. */
import { DURATION_MS_MAX, RetryableError, appendOf, fold, type RunEvent, type RunState } from '@coppice/core';
import { createEngine } from '@coppice/engine';
import { MemoryStore } from '@coppice/storage';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config.ts';
import { start, unstarted, type Tasks } from './bench.fixture.ts';

const HUGE = Number.MAX_SAFE_INTEGER;
const one = (more: object): Tasks => [{ name: 'root', executor: 'work', ...more }];

describe('a duration that is longer than anything can last', () => {
  it('is refused with its place', async () => {
    const bench = await start();
    const retry = { delayMs: HUGE, maxDelayMs: HUGE, maxElapsedMs: HUGE };
    const answer = await bench.call('tasks.validate', {
      tasks: one({ policies: { timeoutMs: HUGE, heartbeatTimeoutMs: HUGE, retry } }),
      policies: { runTimeoutMs: HUGE, timeoutMs: HUGE, retry },
    });
    const places = ('errors' in answer ? answer.errors : []).map(({ path }) => path.join('.'));
    expect(places.toSorted()).toEqual(
      [
        ...['timeoutMs', 'heartbeatTimeoutMs', 'retry.delayMs', 'retry.maxDelayMs', 'retry.maxElapsedMs'].map(
          (field) => `tasks.0.policies.${field}`,
        ),
        ...['runTimeoutMs', 'timeoutMs', 'retry.delayMs', 'retry.maxDelayMs', 'retry.maxElapsedMs'].map(
          (field) => `policies.${field}`,
        ),
      ].toSorted(),
    );
    for (const field of ['defaultTimeoutMs', 'cancelGraceMs', 'ageingMs']) {
      expect(parseConfig({ engine: { [field]: HUGE } })).toMatchObject({ ok: false });
      const options = { store: new MemoryStore(), registry: bench.engine.registry, [field]: HUGE };
      expect(() => createEngine(options)).toThrow(`${field} is ${HUGE}; it must be a number from 0 to`);
    }
    expect(parseConfig({ limits: { slowReaderMs: 2 ** 31 } })).toMatchObject({ ok: false });
  });

  it('is cut when an executor, or the server behind it, asks for it', async () => {
    const bench = await start();
    const retry = { maxAttempts: 2 };
    for (const [name, retryAfterMs] of [
      ['huge', HUGE * 1e9],
      ['endless', Infinity],
      ['none', NaN],
      ['past', -5],
    ] as const) {
      bench.work.on(name, () => {
        throw new RetryableError('later', { retryAfterMs });
      });
      const tree = await bench.begin([{ name, executor: 'work', policies: { retry } }]);
      const event = await bench.event(tree, ({ type }) => type === 'RetryScheduled');
      const { delayMs } = event.data as { readonly delayMs: number };
      expect(delayMs >= 0 && delayMs <= DURATION_MS_MAX).toBe(true);
      expect((await bench.get(tree.treeId)).dueAt).toMatch(/^\d{4}-/);
    }
  });

  it('is shown as the latest time there is where it was stored before there were limits; nobody loses a subscription', async () => {
    const bench = await unstarted();
    const { store } = bench;
    await store.open();
    const other = await unstarted({ store: new MemoryStore() });
    await other.local.start();
    const tree = await other.create(one({}));
    await other.call('tasks.execute', { taskId: tree.treeId });
    const events = (await other.events(tree)).map((event): RunEvent =>
      event.type === 'RunStarted' ? { ...event, data: { ...event.data, deadlineAtMs: event.atMs + HUGE } } : event,
    );
    const run = fold(events) as RunState;
    await store.append([appendOf(run, events)]);
    await bench.local.start();
    const heard: string[] = [];
    bench.local.onNotification(({ method, params }) => {
      heard.push(method === 'tasks.event' ? params.event.type : method);
    });
    await bench.call('tasks.subscribe', {});
    const { subscriptionId } = await bench.call('tasks.subscribe', { treeId: tree.treeId, afterSeq: 0 });
    expect(subscriptionId).not.toBe('');
    expect((await bench.get(tree.treeId)).tree?.deadlineAt).toBe('9999-12-31T23:59:59.999Z');
    (await bench.work.started('root', 2)).complete();
    await bench.event(tree, ({ type }) => type === 'RunCompleted');
    expect(await bench.call('tasks.events', { treeId: tree.treeId })).toMatchObject({ lastSeq: expect.any(Number) });
    await bench.call('tasks.list', {});
    expect(heard.filter((what) => what === 'RunCompleted')).toHaveLength(2);
    expect(heard).toContain('RunStarted');
  });
});
