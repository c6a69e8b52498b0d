/** Asking signal handlers without an engine (R-SN-03). */
import type { SignalHandler } from '@coppice/core';
import { expect, it } from 'vitest';
import { testSignalHandler } from './signal-handler-harness.ts';

const handler = (handle: (...args: Parameters<SignalHandler['handle']>) => unknown): SignalHandler =>
  ({ name: 'late', handle }) as SignalHandler;

it('answers the commands with ids, as the engine would give them', () => {
  const skipping = handler((_signal, { tasks }) => tasks.map(({ key }) => ({ type: 'skip', task: key })));
  expect(testSignalHandler(skipping, { tasks: [{ key: 'a', id: 't.1' as never }] })).toEqual({
    commands: [{ type: 'skip', task: 't.1' }],
  });
});

it.each<[string, SignalHandler, RegExp]>([
  [
    'takes too long',
    handler(() => {
      for (;;);
    }),
    /it took longer than 100 ms/,
  ],
  ['changes the run', handler((_signal, run) => Object.assign(run, { status: 'paused' })), /read only/],
  ['returns a promise', handler(() => Promise.resolve([])), /a promise, and not a list/],
  ['returns what is no JSON', handler(() => [{ type: 'cancel', reason: 5n }]), /BigInt|bigint/],
])('says why the signal of one that %s is rejected', (_what, given, reason) => {
  expect(testSignalHandler(given)).toEqual({ rejected: expect.stringMatching(reason) as string });
});
