/** The part of a transaction that tells a store what has happened to a run. */
import type { TreeAppend } from '../ports/event-log.ts';
import type { RunEvent } from './event.ts';
import { factsOf } from './facts.ts';
import type { RunState, TaskState } from './state.ts';

/** The append of events that led to the state; `tasks`: those that they have changed. Default: all. */
export function appendOf(run: RunState, events: readonly RunEvent[], tasks?: readonly TaskState[]): TreeAppend {
  return { kind: 'tree', expectedSeq: run.seq - events.length, ...factsOf(run, tasks), events };
}
