import type { Hold, Notification } from '@coppice/protocol';
import { expect, it, vi } from 'vitest';
import { RpcError } from '../client-error.ts';
import { HoldList } from './hold-list.ts';
import type { Freshness } from './tree-store.ts';

const held = (name: string): Hold => ({
  target: { of: 'executor', name },
  since: '2026-11-30T12:00:00.000Z',
  by: { userId: 'ann', face: 'cli' },
  reason: null,
});

/** A server whose answers come when the test lets them. */
function bench(freshness: Freshness = 'live') {
  const answers: { readonly give: (items: readonly Hold[]) => void; readonly refuse: (error: unknown) => void }[] = [];
  let notify: (notification: Notification) => void = () => undefined;
  let tellFreshness: (next: Freshness) => void = () => undefined;
  const client = {
    holds: {
      list: () =>
        new Promise((resolve, reject) => answers.push({ give: (items) => resolve({ items }), refuse: reject })),
    },
    onNotification: (listener: typeof notify) => {
      notify = listener;
      return () => undefined;
    },
  } as unknown as ConstructorParameters<typeof HoldList>[0]['client'];
  const store = {
    freshness,
    onFreshness: (listener: typeof tellFreshness) => {
      tellFreshness = listener;
      return () => undefined;
    },
  };
  const list = new HoldList({ client, store });
  const changed = vi.fn();
  list.onChange(changed);
  const tell = (...items: Hold[]): void => notify({ method: 'holds.changed', params: { subscriptionId: 's', items } });
  return { list, answers, changed, tell, live: () => tellFreshness('live') };
}

it('knows what is held once the connection is live, and what is set and released from then on (R-CP-09)', async () => {
  const { list, answers, changed, tell, live } = bench('connecting');
  expect(answers).toHaveLength(0);
  live();
  answers[0]?.give([held('http')]);
  await vi.waitFor(() => expect(list.items).toEqual([held('http')]));
  tell(held('http'), held('command'));
  expect(list.items).toHaveLength(2);
  tell();
  expect(list.items).toEqual([]);
  expect(changed).toHaveBeenCalledTimes(3);
});

it('believes news that came while the answer was on its way', async () => {
  const { list, answers, tell } = bench();
  tell(held('command'));
  answers[0]?.give([held('http')]);
  await Promise.resolve();
  expect(list.items).toEqual([held('command')]);
});

it('keeps what it knows while nobody answers, and has no holds on a server that knows none', async () => {
  const { list, answers, tell, live } = bench();
  tell(held('http'));
  live();
  answers[1]?.refuse(new Error('The connection is lost'));
  await new Promise(setImmediate);
  expect(list.items).toEqual([held('http')]);
  live();
  const unknown = { code: -32601, message: 'There is no method "holds.list"', data: { code: 'rpc/unknown-method' } };
  answers[2]?.refuse(new RpcError('holds.list', unknown));
  await vi.waitFor(() => expect(list.items).toEqual([]));
});
