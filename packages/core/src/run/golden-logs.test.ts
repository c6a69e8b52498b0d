/** Logs written by earlier versions must go on folding to what they folded to then (R-QG-08). A new event version adds a file; none is ever changed. */
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from './event-meaning.ts';
import { EVENT_VERSION, type RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import type { RunState } from './state.ts';
import { toSnapshot } from './snapshot.ts';
import version1 from './golden/version-1.json' with { type: 'json' };

const golden = [version1];

function eventsOf({ events }: (typeof golden)[number]): readonly RunEvent[] {
  return events.map((event) => ({ taskId: undefined, attempt: undefined, ...event }) as unknown as RunEvent);
}

describe('golden logs (R-DR-14, R-QG-08)', () => {
  it('are there for every version of the event schema', () => {
    expect(golden).toHaveLength(EVENT_VERSION);
  });

  it.each(golden)('fold to the state that they were written with', (log) => {
    const run = fold(eventsOf(log)) as RunState;
    expect(JSON.parse(JSON.stringify(toSnapshot(run)))).toEqual(log.snapshot);
  });

  it('give the same state in 100 replays (R-DR-07)', () => {
    const replays = Array.from({ length: 100 }, () => JSON.stringify(toSnapshot(fold(eventsOf(version1)) as RunState)));
    expect(new Set(replays).size).toBe(1);
  });

  it('hold every type of event of the closed catalogue (R-EV-02)', () => {
    expect([...new Set(version1.events.map((event) => event.type))].toSorted()).toEqual(EVENT_TYPES.toSorted());
  });
});
