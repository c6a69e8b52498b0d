/** What became of a run over its history, as the wire shows it. */
import type { Moment, RunDiff, RunTimes } from '@coppice/engine';
import type * as Wire from '@coppice/protocol';
import { isoTime } from './time.ts';

export function timesToWire({ spent, items, ...rest }: RunTimes): Wire.Result<'tasks.times'> {
  return {
    ...rest,
    spent: { ...spent },
    items: items.map(({ executor, spent: own, ...item }) => ({
      ...item,
      executor: executor ?? null,
      spent: { ...own },
    })),
  };
}

export function diffToWire({ from, to, items, ...rest }: RunDiff): Wire.Result<'tasks.diff'> {
  return {
    ...rest,
    from: momentToWire(from),
    to: momentToWire(to),
    items: items.map(({ changed, ...item }) => ({ ...item, changed: [...changed] })),
  };
}

function momentToWire({ seq, atMs, status }: Moment): Wire.Result<'tasks.diff'>['from'] {
  return { seq, at: isoTime(atMs), status };
}
