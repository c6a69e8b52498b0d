import { GateStats } from '@coppice/core';
import type { GateReport, Limits } from '@coppice/engine';
import { expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { bench } from './dispatcher.fixture.ts';
import { fakeEngine } from './fake-engine.fixture.ts';

const waiter = (userId: string) => ({
  treeId: userId as never,
  taskId: `${userId}.1` as never,
  name: `of ${userId}`,
  treeName: userId,
  userId,
  place: 1,
  readyAtMs: 400,
});

const report = (gate: string): GateReport => ({
  gate,
  used: 1,
  limit: 1,
  waiting: 2,
  oldestReadyAtMs: 400,
  freeAtMs: undefined,
  waiters: ['ann', 'bob'].map(waiter),
  starving: 0,
  stats: new GateStats(),
  configured: 1,
});

const gates = ['executor:http', 'submissions', 'lock:secret', 'rate:secret', 'tag:secret', 'user:bob'].map(report);
const limits = { list: () => Promise.resolve(gates) } as unknown as Limits;
const ann: Caller = { principal: { userId: 'ann', role: 'user' } };

it('limits.get names neither tasks nor gates of others to a user, and all to an admin (R-LM-12)', async () => {
  const { result } = bench(fakeEngine({ limits }));
  const shown = async (caller?: Caller) =>
    (await result('limits.get', {}, caller)).items.map(({ gate, waiters }) => [
      gate,
      ...waiters.map(({ name }) => name),
    ]);
  expect(await shown(ann)).toEqual([
    ['executor:http', 'of ann'],
    ['submissions', 'of ann'],
  ]);
  expect(await shown()).toContainEqual(['lock:secret', 'of ann', 'of bob']);
  expect((await shown()).map(([gate]) => gate)).toHaveLength(gates.length);
});
