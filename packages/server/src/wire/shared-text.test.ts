import type { RunEvent, TreeId } from '@coppice/core';
import { expect, it } from 'vitest';
import { eventText } from './shared-text.ts';
import { eventToWire } from './event-to-wire.ts';

const treeId = 'tree' as TreeId;

function planted(): { readonly event: RunEvent; readonly reads: () => number } {
  let reads = 0;
  const event = {
    seq: 4,
    atMs: 0,
    type: 'RunCompleted',
    get data() {
      reads++;
      return {};
    },
  } as unknown as RunEvent;
  return { event, reads: () => reads };
}

it('encodes an event once, however many ask (R-PR-12)', () => {
  const { event, reads } = planted();
  const expected = JSON.stringify(eventToWire(treeId, event));
  const before = reads();
  const texts = new Set(Array.from({ length: 1_000 }, () => eventText(treeId, event)));
  expect([...texts]).toEqual([expected]);
  expect(reads()).toBe(before * 2);
});
