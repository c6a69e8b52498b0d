/**
 * Logs written by earlier versions must go on folding to what they folded to then (R-QG-08). A released version has one file, which is
 * never changed. Until the current version is released, its folder gets a file for each new type of event or field.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from './event-meaning.ts';
import { EVENT_VERSION, type RunEvent } from './event.ts';
import { fold } from './evolve.ts';
import type { RunState } from './state.ts';
import { toSnapshot } from './snapshot.ts';

const FOLDER = new URL('golden/', import.meta.url);

/** Checksums of the logs of released versions. */
const RELEASED: Readonly<Record<string, string>> = {
  'version-1.json': '71ece2e978f640b220aa73e2288c3778b2a75b5c97dc3d20ae82991587e4d6a1',
};

interface Golden {
  readonly events: readonly { readonly type: string }[];
  readonly snapshot: unknown;
}

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));

const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const goldenOf = (file: string): Golden => JSON.parse(textOf(file)) as Golden;
const eventsOf = ({ events }: Golden): readonly RunEvent[] =>
  events.map((event) => ({ taskId: undefined, attempt: undefined, ...event }) as unknown as RunEvent);

describe('golden logs (R-DR-14, R-QG-08)', () => {
  it('are there for every version of the event schema', () => {
    const versions = new Set(files.map((file) => Number(/^version-(\d+)/.exec(file)?.[1])));
    expect([...versions].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: EVENT_VERSION }, (_, index) => index + 1),
    );
  });

  it('of released versions are what they were', () => {
    const sumOf = (file: string): string => createHash('sha256').update(textOf(file)).digest('hex');
    expect(Object.fromEntries(Object.keys(RELEASED).map((file) => [file, sumOf(file)]))).toEqual(RELEASED);
  });

  it.each(files)('fold to the state that they were written with: %s', (file) => {
    const golden = goldenOf(file);
    const run = fold(eventsOf(golden)) as RunState;
    expect(JSON.parse(JSON.stringify(toSnapshot(run)))).toEqual(golden.snapshot);
  });

  it.each(files)('give the same state in 100 replays (R-DR-07): %s', (file) => {
    const events = eventsOf(goldenOf(file));
    const replays = Array.from({ length: 100 }, () => JSON.stringify(toSnapshot(fold(events) as RunState)));
    expect(new Set(replays).size).toBe(1);
  });

  it('hold every type of event of the closed catalogue (R-EV-02)', () => {
    const types = new Set(files.flatMap((file) => goldenOf(file).events.map((event) => event.type)));
    expect([...types].toSorted()).toEqual(EVENT_TYPES.toSorted());
  });
});
