/** What is read from the wire is what was stored: otherwise a run that comes from a file would be another run. */
import { readdirSync, readFileSync } from 'node:fs';
import { fold, kindOf, toSnapshot } from '@coppice/core';
import type { RunEvent, RunState, TreeId } from '@coppice/core';
import type { RunEvent as WireEvent } from '@coppice/protocol';
import { describe, expect, it } from 'vitest';
import { eventFromWire } from './event-from-wire.ts';
import { eventToWire } from './event-to-wire.ts';

const GOLDEN = new URL('../../../core/src/run/golden/', import.meta.url);

/** Logs with each type of event and each field. */
const logs = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const { events } = JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')) as { readonly events: RunEvent[] };
    return { file, events: events.map(asStored) };
  });

/** An event as a store reads it: old ones do not state the kind of a task, and the store adds it. */
function asStored(event: RunEvent): RunEvent {
  const withKind = <T extends object>(task: T): T => ({ ...task, kind: kindOf(task) });
  const whole = { ...event, taskId: event.taskId, attempt: event.attempt } as RunEvent;
  if (whole.type === 'TaskUpdated')
    return { ...whole, data: { ...whole.data, definition: withKind(whole.data.definition) } };
  if (whole.type !== 'TreeCreated') return whole;
  const { definition } = whole.data;
  return { ...whole, data: { ...whole.data, definition: { ...definition, tasks: definition.tasks.map(withKind) } } };
}

function throughWire(treeId: TreeId, events: readonly RunEvent[]): readonly RunEvent[] {
  const text = JSON.stringify(events.map((event) => eventToWire(treeId, event)));
  return (JSON.parse(text) as readonly WireEvent[]).map(eventFromWire);
}

describe('events from the wire (R-HI-03, R-EV-01)', () => {
  it.each(logs)('are those that were stored: $file', ({ events }) => {
    const { treeId } = fold(events) as RunState;
    const read = throughWire(treeId, events);
    expect(toSnapshot(fold(read) as RunState)).toEqual(toSnapshot(fold(events) as RunState));
    expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(events)));
  });
});
