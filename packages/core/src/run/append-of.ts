/** The part of a transaction that tells a store what has happened to a run. */
import type { TreeAppend } from '../ports/event-log.ts';
import type { RunEvent } from './event.ts';
import { factsOf } from './facts.ts';
import type { RunState, TaskState } from './state.ts';

/** Makes the append for the events that led to the state. `tasks` are the tasks that the events changed. Default: all. */
export function appendOf(run: RunState, events: readonly RunEvent[], tasks?: readonly TaskState[]): TreeAppend {
  return { kind: 'tree', expectedSeq: run.seq - events.length, ...factsOf(run, tasks), events };
}
