/** The line of an event holds all of its data (R-EV-04), whatever the event makes ready. */
import type { EventData, RunEvent, TaskId } from '@coppice/core';
import { describe, expect, it } from 'vitest';
import { eventLine, readLine } from './event-line.ts';
import { NO_CONTENT } from './large-values.ts';

const TREE = 'tree';

/** Every field of the data of a completion. A new one does not compile before it is here. */
const EVERY: Readonly<Required<EventData['TaskCompleted']>> = {
  output: { n: 1 },
  port: 'made',
  secrets: [{ name: 'KEY', path: ['n'], kind: 'whole' }] as never,
  cut: [{ path: [], kept: 'head', keptBytes: 1, totalBytes: 2 }],
  signal: 7,
  patch: { total: 3 },
  reason: { code: 'user', message: 'by hand' },
  dead: [{ task: 'c' as TaskId, edge: 0, because: 'port' }],
  ready: ['tree.b' as TaskId],
};

function there(data: object): unknown {
  const event = { type: 'TaskCompleted', seq: 5, atMs: 9, taskId: 'tree.a', attempt: 1, data } as unknown as RunEvent;
  return readLine(JSON.parse(eventLine(event, TREE)), { treeId: TREE, seq: 5 }, { parts: [], find: NO_CONTENT })?.data;
}

describe('R-EV-04: the line of a completion', () => {
  const optional = Object.keys(EVERY).filter((field) => field !== 'output') as (keyof typeof EVERY)[];

  it.each(optional)('keeps %s, beside what became ready and without', (field) => {
    const { output, ready } = EVERY;
    expect(there({ output, ready, [field]: EVERY[field] })).toEqual({ output, ready, [field]: EVERY[field] });
    expect(there({ output, [field]: EVERY[field] })).toEqual({ output, [field]: EVERY[field] });
  });

  it('keeps all of them together, and an output alone', () => {
    expect(there(EVERY)).toEqual(EVERY);
    expect(there({ output: null, ready: EVERY.ready })).toEqual({ output: null, ready: EVERY.ready });
  });
});
