import { EVENT_TYPES, EVENT_VERSION } from '@coppice/core';
import type { EventData, EventType, RunEvent, TaskDefinition, TaskError, TaskId } from '@coppice/core';
import type { RunEvent as WireEvent } from '@coppice/protocol';
import { describe, expect, it } from 'vitest';
import { checkedResult } from '../rpc/dispatcher.fixture.ts';
import { eventFromWire } from './event-from-wire.ts';
import { eventToWire } from './event-to-wire.ts';

const AT_MS = Date.UTC(2026, 10, 20, 12);
const AT = '2026-11-20T12:00:00.000Z';
const [root, a, b] = ['root', 'a', 'b'] as TaskId[] as [TaskId, TaskId, TaskId];
const error: TaskError = {
  code: 'http/status',
  message: 'HTTP 503',
  retryable: true,
  retryAfterMs: 10,
  data: { status: 503 },
  cause: { code: 'x', message: 'y', retryable: false },
};
const definition: TaskDefinition = {
  id: a,
  key: 'a',
  name: 'a',
  parentId: root,
  kind: 'executor',
  executor: 'echo',
  inputs: { x: [1, null] },
  dependencies: [{ task: b, ref: 'b', required: true, on: ['failure'], into: 'b', enabled: true, handles: true }],
  join: 'all',
  priority: 2,
  policies: { retry: { maxAttempts: 2, allow: ['*'] } },
  allowFailure: false,
  mustRun: true,
  notBeforeMs: AT_MS,
  capabilities: [],
  tags: ['t'],
  metadata: {},
  originalTaskId: b,
  settled: { status: 'completed', output: null, attempt: 1, startedAtMs: AT_MS, endedAtMs: AT_MS, reused: true },
};
const tree = {
  treeId: root,
  tasks: [definition],
  inputs: {},
  variables: {},
  policies: {},
  origin: { treeId: b, taskId: b },
};
const consequences = { ready: [b], dead: [{ task: b, edge: 0, because: 'trigger' as const }] };
const tolerated = {
  handled: 1,
  allowed: 0,
  first: [{ taskId: a, name: 'a', how: 'handled' as const, by: { taskId: b, name: 'b' } }],
};
const cancelled = { code: 'user' as const, message: 'enough' };

/** A full payload of every type. */
const samples: { readonly [Type in EventType]: EventData[Type] } = {
  TreeCreated: { definition: tree, userId: 'local', seed: 's', idempotencyKey: 'k', dead: [] },
  RunStarted: { selection: [a], inputs: {}, deadlineAtMs: AT_MS, ready: [a] },
  TaskOpened: { ready: [a], deadlineAtMs: AT_MS, closing: { failed: error } },
  TaskDelayed: { dueAtMs: AT_MS },
  TaskDue: { deadlineAtMs: AT_MS },
  WaitStarted: { input: { signal: 'go' }, signal: 'go', dueAtMs: AT_MS, remindAtMs: AT_MS },
  WaitReminded: { dueAtMs: AT_MS, remindAtMs: AT_MS },
  SignalReceived: { name: 'go', payload: { x: 1 }, id: 'i', to: a },
  SignalRejected: { signal: 3, name: 'go', reason: 'r', task: a },
  TaskStarted: { input: {}, idempotencyKey: 'k', timeoutMs: 5, limit: 'run', deadlineAtMs: AT_MS },
  CallRecorded: { key: 'k', occurrence: 1, value: null },
  TaskProgressed: { fraction: 0.5, message: 'half' },
  RetryScheduled: { error, delayMs: 5, dueAtMs: AT_MS },
  AttemptInterrupted: { reason: 'crash', deadlineAtMs: AT_MS },
  TaskCompleted: { output: { x: 1 }, port: 'p', ...consequences },
  TaskFailed: { error, handled: false, ...consequences },
  TaskSkipped: { reason: { code: 'dependency', message: 'm', tasks: [a] }, ...consequences },
  TaskCancelled: { reason: cancelled, ...consequences },
  RunCompleted: { tolerated },
  RunFailed: { error, failures: [{ taskId: a, name: 'a', error }], failureCount: 1, tolerated },
  RunCancelled: { reason: cancelled },
  RunReopened: { mode: 'failure', reset: [a], inputs: {}, selection: [a], deadlineAtMs: AT_MS, ready: [a] },
  TaskUpdated: { definition, ...consequences },
  TasksDeleted: { taskIds: [a] },
  TaskPausing: { reason: 'enough', drainUntilMs: AT_MS },
  TaskPaused: {},
  TaskResumed: { reason: 'go on' },
};

function sample(type: EventType): RunEvent {
  const isOfTask = type.startsWith('Task') && type !== 'TasksDeleted';
  const ofTask =
    isOfTask || ['CallRecorded', 'RetryScheduled', 'AttemptInterrupted', 'WaitStarted', 'WaitReminded'].includes(type);
  return {
    type,
    seq: 1,
    atMs: AT_MS,
    taskId: ofTask ? a : undefined,
    attempt: ofTask ? 1 : undefined,
    data: samples[type],
  } as RunEvent;
}

describe('events on the wire', () => {
  it.each(EVENT_TYPES)('%s is as its schema says, without epoch times', (type) => {
    const event = eventToWire(root, sample(type));
    checkedResult('tasks.events', { items: [event], lastSeq: 1 });
    expect(JSON.stringify(event)).not.toContain('AtMs');
    expect(JSON.stringify(event)).not.toContain(String(AT_MS));
  });

  it.each(EVENT_TYPES)('%s comes back from there as it was stored', (type) => {
    const stored = sample(type);
    const read = eventFromWire(JSON.parse(JSON.stringify(eventToWire(root, stored))) as WireEvent);
    expect(read).toEqual(stored);
  });

  it('keep what was stored', () => {
    expect(eventToWire(root, sample('RetryScheduled'))).toEqual({
      treeId: 'root',
      seq: 1,
      at: AT,
      v: EVENT_VERSION,
      type: 'RetryScheduled',
      taskId: 'a',
      attempt: 1,
      data: { error, delayMs: 5, dueAt: AT },
    });
    expect(eventToWire(root, sample('TaskUpdated')).data).toMatchObject({
      definition: { notBefore: AT, settled: { startedAt: AT, endedAt: AT } },
      ready: ['b'],
    });
  });
});
