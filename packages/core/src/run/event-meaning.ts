/**
 * What each type of event means for an attempt, a task and a run. All code that asks for one kind of events uses this table.
 * A new type of event does not compile before it has a line here.
 */
import type { TaskId } from '@coppice/extension';
import type { TaskDefinition } from '../task/task.ts';
import type { EventOf, EventType, RunEvent } from './event.ts';

export interface EventMeaning {
  /** What happens to the attempt that the event names. An event of a type that ends attempts names no attempt when the task had none. */
  readonly attempt: 'starts' | 'goes on' | 'ends' | undefined;
  readonly task: 'ends' | undefined;
  readonly run: 'is created' | 'starts' | 'is opened again' | 'pauses' | 'is resumed' | 'ends' | undefined;
  /** Set when the definition of the tree is another one after the event. */
  readonly definition: 'changes' | undefined;
}

const NOTHING = { attempt: undefined, task: undefined, run: undefined, definition: undefined } as const;
const RUN_ENDS = { ...NOTHING, run: 'ends' } as const;
const TASK_ENDS = { ...NOTHING, attempt: 'ends', task: 'ends' } as const;
const ATTEMPT_ENDS = { ...NOTHING, attempt: 'ends' } as const;
const ATTEMPT_GOES_ON = { ...NOTHING, attempt: 'goes on' } as const;
const RUN_PAUSES = { ...NOTHING, run: 'pauses' } as const;
const DEFINITION_CHANGES = { ...NOTHING, definition: 'changes' } as const;

export const EVENT_MEANING = {
  TreeCreated: { ...NOTHING, run: 'is created' },
  RunStarted: { ...NOTHING, run: 'starts' },
  // With an attempt: its executor has added tasks.
  TaskOpened: ATTEMPT_ENDS,
  TaskDelayed: NOTHING,
  TaskDue: NOTHING,
  WaitStarted: NOTHING,
  WaitReminded: NOTHING,
  SignalReceived: NOTHING,
  SignalRejected: NOTHING,
  TaskStarted: { ...NOTHING, attempt: 'starts' },
  CallRecorded: ATTEMPT_GOES_ON,
  TaskProgressed: ATTEMPT_GOES_ON,
  RetryScheduled: ATTEMPT_ENDS,
  AttemptInterrupted: ATTEMPT_ENDS,
  TaskPausing: RUN_PAUSES,
  TaskPaused: RUN_PAUSES,
  TaskResumed: { ...NOTHING, run: 'is resumed' },
  TaskCompleted: TASK_ENDS,
  TaskFailed: TASK_ENDS,
  // With an attempt: a person skipped the task while it was running.
  TaskSkipped: TASK_ENDS,
  TaskCancelled: TASK_ENDS,
  RunCompleted: RUN_ENDS,
  RunFailed: RUN_ENDS,
  RunCancelled: RUN_ENDS,
  RunReopened: { ...NOTHING, run: 'is opened again' },
  TaskUpdated: DEFINITION_CHANGES,
  TasksDeleted: DEFINITION_CHANGES,
} as const satisfies Readonly<Record<EventType, EventMeaning>>;

export const EVENT_TYPES = Object.keys(EVENT_MEANING) as readonly EventType[];

type TypeThat<Column extends keyof EventMeaning, Says extends EventMeaning[Column]> = {
  readonly [Type in EventType]: (typeof EVENT_MEANING)[Type][Column] extends Says ? Type : never;
}[EventType];

/** An event that ends an attempt. */
export type AttemptEnd = EventOf<TypeThat<'attempt', 'ends'>>;

/** An event that ends a task. */
export type TaskEnd = EventOf<TypeThat<'task', 'ends'>>;

/** An event that ends the run. */
export type RunEnd = EventOf<TypeThat<'run', 'ends'>>;

/** An event that changes the definition of the tree. */
export type DefinitionChange = EventOf<TypeThat<'definition', 'changes'>>;

/** True for an event that ends an attempt. A task can also end without an attempt. */
export function isAttemptEnd(event: RunEvent): event is AttemptEnd {
  return event.attempt !== undefined && EVENT_MEANING[event.type].attempt === 'ends';
}

export function isTaskEnd(event: RunEvent): event is TaskEnd {
  return EVENT_MEANING[event.type].task === 'ends';
}

export function isDefinitionChange(event: RunEvent): event is DefinitionChange {
  return EVENT_MEANING[event.type].definition === 'changes';
}

/** Tasks that come into the run by an event, and those that leave it. */
export interface Growth {
  readonly added: readonly TaskDefinition[];
  readonly removed: readonly TaskId[];
}

/** Undefined: the set of tasks stays as it is. */
export function growthOf(event: RunEvent): Growth | undefined {
  if (event.type === 'TaskOpened') {
    const { added = NO_TASKS, removed = NO_IDS } = event.data;
    return added.length + removed.length === 0 ? undefined : { added, removed };
  }
  if (event.type !== 'RunReopened' || event.data.removed === undefined) return undefined;
  return { added: NO_TASKS, removed: event.data.removed };
}

const NO_TASKS: readonly TaskDefinition[] = [];
const NO_IDS: readonly TaskId[] = [];
