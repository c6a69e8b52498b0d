import type { RunEvent } from '@coppice/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TreeLog } from './tree-log.ts';

const at = '2026-11-20T12:00:00.000Z';

/** An event whose kind does not matter here. */
function event(seq: number): RunEvent {
  return { treeId: 't', seq, at, v: 1, type: 'TasksDeleted', data: { taskIds: [] } };
}

/** A log on a server that has grown to `length` when it is read; pages of `size`. */
function logOver(server: { length: number }, size = 4) {
  const added: number[] = [];
  let reads = 0;
  const log = new TreeLog('t', (_treeId, afterSeq) => {
    reads += 1;
    const items = Array.from({ length: Math.max(0, server.length - afterSeq) }, (_, index) =>
      event(afterSeq + index + 1),
    );
    return Promise.resolve({ items: items.slice(0, size), lastSeq: server.length });
  });
  log.onEvents((events, afterSeq) => {
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => afterSeq + index + 1));
    added.push(...events.map(({ seq }) => seq));
  });
  return { log, added, reads: () => reads };
}

it('has every event once and in order, whatever is lost, repeated or out of order on the way', async () => {
  const heard = fc.array(fc.nat(11), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(heard, fc.array(fc.boolean()), async (picks, waits) => {
      const server = { length: 0 };
      const { log, added } = logOver(server);
      for (const [index, pick] of picks.entries()) {
        server.length = Math.max(server.length, pick + 1);
        const reading = log.receive(event(pick + 1));
        if (waits[index] === true) await reading;
      }
      await log.catchUp();
      expect(added).toEqual(Array.from({ length: server.length }, (_, index) => index + 1));
      expect(log.events.map(({ seq }) => seq)).toEqual(added);
      expect(log.view.seq).toBe(server.length);
    }),
    {
      numRuns: 1000,
      examples: [
        [
          [0, 2, 0, 3],
          [false, false, true],
        ],
      ],
    },
  );
});

it('reads nothing while events follow each other, and shares one reading', async () => {
  const server = { length: 9 };
  const { log, reads } = logOver(server, 100);
  await Promise.all([log.catchUp(), log.catchUp(), log.receive(event(9))]);
  expect(reads()).toBe(1);
  server.length = 10;
  expect(log.receive(event(10))).toBeUndefined();
  expect(log.receive(event(3))).toBeUndefined();
  expect(reads()).toBe(1);
  server.length = 12;
  await log.receive(event(12));
  expect(log.seq).toBe(12);
  expect(reads()).toBe(2);
});
