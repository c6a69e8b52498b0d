/** What a list of trees makes of answers and events that overtake each other. Against a real server: in the command's tests. */
import type { Notification, RunEvent } from '@coppice/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Client } from '../client.ts';
import { TreeStore } from './tree-store.ts';

const at = '2026-11-20T12:00:00.000Z';

/** A client whose answers come when the test lets them. */
function slowClient() {
  let notify: (notification: Notification) => void = () => undefined;
  const answers: ((items: readonly unknown[]) => void)[] = [];
  const client = {
    state: 'live',
    onNotification: (listener: typeof notify) => {
      notify = listener;
      return () => undefined;
    },
    onState: () => () => undefined,
    tasks: {
      subscribe: () => Promise.resolve({ subscriptionId: 's' }),
      unsubscribe: () => Promise.resolve({ ended: true }),
      get: () => new Promise(() => undefined),
      list: () => new Promise((resolve) => answers.push((items) => resolve({ items }))),
    },
  } as unknown as Client;
  const tell = (type: RunEvent['type'], subscriptionId = 's'): void => {
    const event = { treeId: 't', seq: 2, at, v: 1, type, data: {} } as unknown as RunEvent;
    notify({ method: 'tasks.event', params: { subscriptionId, event } });
  };
  const tellDeleted = (treeId: string): void =>
    notify({ method: 'tasks.deleted', params: { subscriptionId: 's', treeId } });
  const tellEnd = (reason: 'failed' | 'slow'): void =>
    notify({ method: 'tasks.subscriptionEnded', params: { subscriptionId: 's', reason, treeId: null, lastSeq: 0 } });
  return { client, answers, tell, tellDeleted, tellEnd };
}

const listed = (runStatus: string) => ({
  treeId: 't',
  id: 't',
  name: 'n',
  userId: 'u',
  runStatus,
  tags: [],
  startedAt: null,
  endedAt: null,
});

it('believes an event that came after the list was made, and before it arrived', async () => {
  const { client, answers, tell } = slowClient();
  const store = new TreeStore({ client });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  tell('RunCompleted');
  answers[0]?.([listed('running')]);
  await vi.waitFor(() => expect(store.freshness).toBe('live'));
  expect(store.find('t')?.status).toBe('completed');
});

it('drops a tree that someone deleted, also while the list that holds it is on its way', async () => {
  const { client, answers, tell, tellDeleted } = slowClient();
  const store = new TreeStore({ client });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  tell('RunCompleted');
  tellDeleted('t');
  answers[0]?.([listed('completed'), { ...listed('running'), treeId: 'k', id: 'k' }]);
  await vi.waitFor(() => expect(store.freshness).toBe('live'));
  expect(store.trees.map(({ treeId }) => treeId)).toEqual(['k']);
  const changes: unknown[] = [];
  store.onTrees((change) => changes.push(change));
  tellDeleted('k');
  expect([store.trees, changes]).toEqual([[], [{ kind: 'all' }]]);
});

it('ignores what comes under the subscription of an earlier connection', async () => {
  const { client, answers, tell } = slowClient();
  const store = new TreeStore({ client });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.([listed('running')]);
  await vi.waitFor(() => expect(store.freshness).toBe('live'));
  tell('RunCompleted', 'earlier');
  expect(store.find('t')?.status).toBe('running');
  tell('RunCompleted');
  expect(store.find('t')?.status).toBe('completed');
});

it('shows what it knew until a new list is there, and then only what that holds', async () => {
  const { client, answers } = slowClient();
  let reconnect: (state: 'live') => void = () => undefined;
  client.onState = (listener) => {
    reconnect = listener;
    return () => undefined;
  };
  const store = new TreeStore({ client });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.([listed('running'), { ...listed('completed'), treeId: 'k', id: 'k' }]);
  await vi.waitFor(() => expect(store.freshness).toBe('live'));
  reconnect('live');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  expect(store.trees.map(({ treeId }) => treeId)).toEqual(['t', 'k']);
  answers[1]?.([listed('completed')]);
  await vi.waitFor(() => expect(store.freshness).toBe('live'));
  expect(store.trees.map(({ treeId, status }) => [treeId, status])).toEqual([['t', 'completed']]);
});

it('opens a subscription that failed again by itself, after a moment, and lists anew', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { client, answers, tell, tellEnd } = slowClient();
  const store = new TreeStore({ client });
  await vi.advanceTimersByTimeAsync(0);
  answers[0]?.([listed('running')]);
  await vi.advanceTimersByTimeAsync(0);
  expect(store.freshness).toBe('live');
  tellEnd('failed');
  expect(store.freshness).toBe('stale');
  // What comes under the ended subscription is none of its any more.
  tell('RunFailed');
  await vi.advanceTimersByTimeAsync(999);
  expect(answers).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  answers[1]?.([listed('completed')]);
  await vi.advanceTimersByTimeAsync(0);
  expect([store.freshness, store.find('t')?.status]).toEqual(['live', 'completed']);
  store.dispose();
});
