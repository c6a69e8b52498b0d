/** Numbers that stand for statuses and event types in the file. They are part of the file format: add, never change or reuse. */
import type { EventType, RunStatus, TaskStatus } from '@coppice/core';

export const TASK_STATUS_CODES: Readonly<Record<TaskStatus, number>> = {
  pending: 0,
  ready: 1,
  running: 2,
  waiting: 3,
  completed: 4,
  failed: 5,
  skipped: 6,
  cancelled: 7,
};

export const RUN_STATUS_CODES: Readonly<Record<RunStatus, number>> = {
  created: 0,
  running: 1,
  pausing: 2,
  paused: 3,
  completed: 4,
  failed: 5,
  cancelled: 6,
  continued: 7,
};

export const EVENT_CODES: Readonly<Record<EventType, number>> = {
  TreeCreated: 1,
  RunStarted: 2,
  TaskOpened: 3,
  TaskDelayed: 4,
  TaskDue: 5,
  TaskStarted: 6,
  CallRecorded: 7,
  TaskProgressed: 8,
  RetryScheduled: 9,
  AttemptInterrupted: 10,
  TaskCompleted: 11,
  TaskFailed: 12,
  TaskSkipped: 13,
  TaskCancelled: 14,
  RunCompleted: 15,
  RunFailed: 16,
  RunCancelled: 17,
  RunReopened: 18,
  TaskUpdated: 19,
  TasksDeleted: 20,
  TaskPausing: 21,
  TaskPaused: 22,
  TaskResumed: 23,
  WaitStarted: 30,
  WaitReminded: 31,
  SignalReceived: 32,
  SignalRejected: 33,
};

/** The name behind a code; undefined for one that this version does not know. */
export const TASK_STATUS_OF = namesByCode(TASK_STATUS_CODES);
export const RUN_STATUS_OF = namesByCode(RUN_STATUS_CODES);
export const EVENT_TYPE_OF = namesByCode(EVENT_CODES);

function namesByCode<Name extends string>(codes: Readonly<Record<Name, number>>): readonly (Name | undefined)[] {
  const names: Name[] = [];
  for (const [name, code] of Object.entries(codes) as [Name, number][]) names[code] = name;
  return names;
}

/** Statuses of runs that have started and not ended. */
export const INCOMPLETE_CODES: readonly number[] = [
  RUN_STATUS_CODES.running,
  RUN_STATUS_CODES.pausing,
  RUN_STATUS_CODES.paused,
];
