import type { Notification, OpenWait } from '@coppice/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WaitInbox, waitFactsText } from './wait-inbox.ts';

const open = (treeId: string, more: Partial<OpenWait> = {}): OpenWait =>
  ({
    treeId,
    taskId: `${treeId}.1`,
    treeName: treeId,
    title: 'Ship it?',
    kind: 'approval',
    mayAnswer: true,
    ...more,
  }) as OpenWait;

function bench() {
  let listed: readonly OpenWait[] = [];
  let isGone = false;
  let asked = 0;
  let notify: (notification: Notification) => void = () => undefined;
  let tellFreshness: (freshness: 'live' | 'reconnecting') => void = () => undefined;
  const list = () => {
    asked += 1;
    return isGone ? Promise.reject(new Error('gone')) : Promise.resolve({ items: listed, total: listed.length });
  };
  const inbox = new WaitInbox({
    client: {
      waits: { list },
      onNotification: (listener: typeof notify) => {
        notify = listener;
        return () => undefined;
      },
    },
    store: {
      freshness: 'live',
      onFreshness: (listener: typeof tellFreshness) => {
        tellFreshness = listener;
        return () => undefined;
      },
    },
  } as unknown as ConstructorParameters<typeof WaitInbox>[0]);
  const event = (type: string, treeId = 'a'): void =>
    notify({
      method: 'tasks.event',
      params: { subscriptionId: 's', event: { type, treeId } },
    } as unknown as Notification);
  return {
    inbox,
    event,
    serve: (items: readonly OpenWait[]) => (listed = items),
    lose: () => ((isGone = true), tellFreshness('reconnecting')),
    comeBack: () => ((isGone = false), tellFreshness('live')),
    asked: () => asked,
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('lists what waits, and asks anew only when an event can have changed that (R-SN-01)', async () => {
  const { inbox, event, serve, asked } = bench();
  const changed = vi.fn();
  inbox.onChange(changed);
  await vi.runAllTimersAsync();
  expect([inbox.total, asked()]).toEqual([0, 1]);
  for (const type of ['TaskStarted', 'TaskProgressed', 'TaskCompleted', 'RunCompleted']) event(type);
  await vi.runAllTimersAsync();
  expect(asked()).toBe(1);
  serve([open('a'), open('b')]);
  for (let burst = 0; burst < 50; burst += 1) event('WaitStarted');
  await vi.runAllTimersAsync();
  expect([inbox.total, asked()]).toEqual([2, 2]);
  // Of a tree in which something waits, the end of any task may be that of the wait.
  serve([open('b')]);
  event('TaskCancelled', 'c');
  await vi.runAllTimersAsync();
  expect(asked()).toBe(2);
  event('TaskCancelled', 'a');
  await vi.runAllTimersAsync();
  expect(inbox.items.map(({ treeId }) => treeId)).toEqual(['b']);
  expect(changed).toHaveBeenCalledTimes(3);
});

it('keeps the list while the server is gone, asks when it is back, and nothing after its end', async () => {
  const { inbox, event, serve, lose, comeBack, asked } = bench();
  serve([open('a')]);
  await vi.runAllTimersAsync();
  lose();
  event('SignalReceived');
  await vi.runAllTimersAsync();
  expect(inbox.total).toBe(1);
  serve([]);
  comeBack();
  await vi.runAllTimersAsync();
  expect(inbox.total).toBe(0);
  const before = asked();
  event('WaitStarted');
  inbox.dispose();
  await vi.runAllTimersAsync();
  expect(asked()).toBe(before);
});

it('says what kind of wait it is, of which tree, and for whom', () => {
  expect(waitFactsText(open('report'))).toBe('approval · report');
  const others = { mayAnswer: false, approvers: ['mia', 'ben', 'eve'] };
  expect(waitFactsText(open('report', others))).toBe('approval · report · only mia or 2 more may answer');
});
