import type { RunEvent } from '@coppice/protocol';
import { expect, it } from 'vitest';
import { applyEvent } from './apply-event.ts';
import { createRunView, runDurationMs } from './run-view.ts';

const START_MS = Date.parse('2026-11-20T12:00:00.000Z');

it('of a run that was opened again does not count the time in between', () => {
  const view = createRunView();
  let seq = 0;
  const happen = (type: RunEvent['type'], atS: number, data: object = {}): number | undefined => {
    const at = new Date(START_MS + atS * 1000).toISOString();
    applyEvent(view, { treeId: 't', seq: ++seq, at, v: 1, type, data } as unknown as RunEvent);
    return runDurationMs(view, START_MS + atS * 1000);
  };
  const failed = { error: { code: 'x', message: 'x', retryable: false }, failures: [] };
  expect(happen('TreeCreated', 0, { definition: { tasks: [], inputs: {} } })).toBeUndefined();
  expect(happen('RunStarted', 1)).toBe(0);
  expect(happen('RunFailed', 11, failed)).toBe(10_000);
  // An hour later.
  expect(runDurationMs(view, START_MS + 3_600_000)).toBe(10_000);
  expect(happen('RunReopened', 3_600, { reset: [] })).toBe(10_000);
  expect(runDurationMs(view, START_MS + 3_602_000)).toBe(12_000);
  expect(happen('RunFailed', 3_605, failed)).toBe(15_000);
  expect(happen('RunReopened', 9_000, { reset: [] })).toBe(15_000);
  expect(happen('RunCompleted', 9_001)).toBe(16_000);
});
