/** Stored rows as the wire shows them. */
import type { Dependency, TaskListItem, TaskRecord, TreeRecord } from '@coppice/core';
import type * as Wire from '@coppice/protocol';
import { givenToWire, multiplierToWire } from './definition-to-wire.ts';
import { isoTime, isoTimeOrNull } from './time.ts';

export function taskToWire(record: TaskRecord): Wire.Task {
  return {
    id: record.id,
    treeId: record.treeId,
    parentId: record.parentId,
    key: record.key,
    name: record.name,
    executor: record.executor,
    wait: record.wait,
    approval: record.approval as Wire.Approval | null,
    inputs: record.inputs,
    dependencies: record.dependencies.map(dependencyToWire),
    join: record.join,
    priority: record.priority,
    policies: record.policies as Wire.TaskPolicies,
    port: record.port,
    allowFailure: record.allowFailure,
    mustRun: record.mustRun,
    finally: record.finally,
    fallback: record.fallback,
    compensate: record.compensate as Wire.Task['compensate'],
    compensates: record.compensates,
    notBefore: isoTimeOrNull(record.notBeforeMs),
    capabilities: [...record.capabilities],
    tags: [...record.tags],
    metadata: record.metadata,
    outputTemplate: record.outputTemplate,
    when: record.when,
    fire: record.fire,
    cancelOthers: record.cancelOthers,
    multiplier: record.multiplier === null ? null : multiplierToWire(record.multiplier),
    given: record.given === null ? null : givenToWire(record.given),
    set: record.set,
    ref: record.ref,
    declares: record.declares as Wire.Task['declares'],
    locks: record.locks === null ? null : [...record.locks],
    rates: record.rates === null ? null : [...record.rates],
    resources: record.resources,
    left: record.left,
    originalTaskId: record.originalTaskId,
    status: record.status,
    attempt: record.attempt,
    input: record.input,
    output: record.output,
    outputPort: record.outputPort,
    ...(record.cut === null ? {} : { cut: record.cut.map((part) => ({ ...part, path: [...part.path] })) }),
    error: record.error,
    reason: reasonToWire(record.reason),
    reused: record.reused,
    progress: record.progress,
    progressMessage: record.progressMessage,
    dueAt: isoTimeOrNull(record.dueAtMs),
    readyAt: isoTimeOrNull(record.readyAtMs),
    startedAt: isoTimeOrNull(record.startedAtMs),
    endedAt: isoTimeOrNull(record.endedAtMs),
  };
}

export function listItemToWire({ task, runStatus, userId }: TaskListItem): Wire.TaskListItem {
  return { ...taskToWire(task), runStatus, userId };
}

export function dependencyToWire(dependency: Dependency): Wire.Dependency {
  return { ...dependency, on: [...dependency.on] };
}

export function treeToWire(record: TreeRecord): Wire.Tree {
  return {
    treeId: record.treeId,
    name: record.name,
    userId: record.userId,
    status: record.status,
    seq: record.seq,
    taskCount: record.taskCount,
    counts: record.counts,
    fraction: fractionOf(record),
    inputs: record.inputs,
    variables: record.variables,
    policies: record.policies as Wire.RunPolicies,
    definitionHash: record.definitionHash,
    origin: record.origin,
    error: record.error,
    reason: reasonToWire(record.reason),
    result: record.result as Wire.Tree['result'],
    createdAt: isoTime(record.createdAtMs),
    startedAt: isoTimeOrNull(record.startedAtMs),
    endedAt: isoTimeOrNull(record.endedAtMs),
    deadlineAt: isoTimeOrNull(record.deadlineAtMs),
    pauses: (record.pauses ?? []).map(({ taskId, sinceMs, by, reason, drainUntilMs, isReached }) => ({
      taskId,
      status: pauseStatus(isReached),
      since: isoTime(sinceMs),
      by: by ?? null,
      reason: reason ?? null,
      drainUntil: isoTimeOrNull(drainUntilMs ?? null),
    })),
  };
}

export function pauseStatus(isReached: boolean): 'pausing' | 'paused' {
  return isReached ? 'paused' : 'pausing';
}

/** The wire shows code, message and who it was; the tasks behind a skip are in its event. */
export function reasonToWire(reason: TaskRecord['reason']): Wire.Task['reason'] {
  if (reason === null) return null;
  const { code, message, by } = reason;
  return by === undefined ? { code, message } : { code, message, by };
}

/** Ended tasks of all tasks of the run; before it starts none, and a run without tasks has ended. */
function fractionOf({ counts, status }: TreeRecord): number {
  if (status === 'created') return 0;
  const ended = counts.completed + counts.failed + counts.skipped + counts.cancelled;
  const total = ended + counts.pending + counts.ready + counts.running + counts.waiting;
  return total === 0 ? 1 : ended / total;
}
