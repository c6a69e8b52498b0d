/** What the engine observes, as the wire shows it. */
import type { BreakerReport, FailureLadder, EngineEventOf, Executor, Hold, LogLine } from '@coppice/core';
import { toJsonSchema } from '@coppice/engine';
import type {
  Attempt,
  Blocker,
  Explanation,
  FailurePage,
  GroupProgress,
  LoadedExtension,
  RunFigures,
  RunningTask,
  RunProgress,
} from '@coppice/engine';
import type * as Wire from '@coppice/protocol';
import { pauseStatus } from './task-to-wire.ts';
import { isoTime, isoTimeOrNull } from './time.ts';

export function logLineToWire({ atMs, ...line }: LogLine): Wire.LogLine {
  return { ...line, at: isoTime(atMs) };
}

export function attemptToWire({ startedAtMs, endedAtMs, retryAtMs, ...rest }: Attempt): Wire.Attempt {
  return {
    ...rest,
    startedAt: isoTime(startedAtMs),
    endedAt: isoTimeOrNull(endedAtMs),
    ...(retryAtMs === undefined ? {} : { retryAt: isoTime(retryAtMs) }),
  };
}

export function failurePageToWire({ items, total, next }: FailurePage): Wire.Result<'tasks.failures'> {
  return {
    items: items.map(({ endedAtMs, ladder, ...rest }) => ({
      ...rest,
      endedAt: isoTime(endedAtMs),
      ladder: ladderToWire(ladder),
    })),
    total,
    ...(next === undefined ? {} : { nextCursor: String(next) }),
  };
}

function ladderToWire({ edges, ...rest }: FailureLadder): Wire.FailureLadder {
  return edges === undefined ? rest : { ...rest, edges: [...edges] };
}

export function explanationToWire(explanation: Explanation): Wire.Explanation {
  return {
    ...explanation,
    blockedBy: explanation.blockedBy.map(blockerToWire),
    limits: explanation.limits.map(({ endsAtMs, ...rest }) => ({ ...rest, endsAt: isoTime(endsAtMs) })),
  };
}

export function breakerToWire({ sinceMs, openUntilMs, ...rest }: BreakerReport): Wire.BreakerReport {
  return { ...rest, since: isoTimeOrNull(sinceMs ?? null), openUntil: isoTimeOrNull(openUntilMs ?? null) };
}

function blockerToWire(blocker: Blocker): Wire.Blocker {
  switch (blocker.kind) {
    case 'gate': {
      const { breaker, ...gate } = blocker;
      return breaker === undefined ? gate : { ...gate, breaker: breakerToWire(breaker) };
    }
    case 'delay':
      return { kind: 'delay', dueAt: isoTime(blocker.dueAtMs), reason: blocker.reason };
    case 'pause': {
      const { sinceMs, isReached, ...rest } = blocker;
      return { ...rest, since: isoTime(sinceMs), status: pauseStatus(isReached) };
    }
    case 'signal': {
      const { kind, signal, sinceMs, dueAtMs, mayAnswer } = blocker;
      return { kind, signal, since: isoTime(sinceMs), dueAt: isoTimeOrNull(dueAtMs), mayAnswer: [...mayAnswer] };
    }
    case 'hold':
      return { kind: 'hold', ...holdToWire(blocker.hold) };
    default:
      return blocker;
  }
}

export function holdToWire({ target, sinceMs, by, reason }: Hold): Wire.Hold {
  return { target, since: isoTime(sinceMs), by, reason: reason ?? null };
}

export function holdEventToWire({
  seq,
  atMs,
  type,
  actor: by,
  data,
}: EngineEventOf<'HoldSet' | 'HoldReleased'>): Wire.HoldEvent {
  const { target, reason } = data;
  return { seq, at: isoTime(atMs), type, target, by, reason: reason ?? null };
}

export function runningTaskToWire({ startedAtMs, ...rest }: RunningTask): Wire.RunningTask {
  return { ...rest, startedAt: isoTime(startedAtMs) };
}

export function progressToWire({ groups, ...progress }: RunProgress): Wire.Progress {
  return {
    ...progress,
    counts: { ...progress.counts },
    ...(groups === undefined ? {} : { groups: groups.map((group) => ({ ...group, counts: { ...group.counts } })) }),
  };
}

export function figuresToWire({ progress, queues, ...rest }: RunFigures): Wire.Result<'tasks.status'> {
  return { progress: progressToWire(progress), ...rest, queues: queues.map((queue) => ({ ...queue })) };
}

/** `inside` of a task. */
export function insideToWire({ total, counts, fraction }: GroupProgress): NonNullable<Wire.Task['inside']> {
  return { total, counts: { ...counts }, fraction };
}

export function executorToWire(executor: Executor): Wire.Executor {
  const { type, description, effects, onCrash = 'retry', concurrency = 0, ports = [], capabilities = [] } = executor;
  return {
    type,
    description,
    effects,
    onCrash,
    concurrency,
    ports: ports === 'dynamic' ? ports : [...ports],
    capabilities: [...capabilities],
  };
}

export function executorDetailsToWire(executor: Executor): Wire.ExecutorDetails {
  return {
    ...executorToWire(executor),
    input: executor.input === undefined ? null : (toJsonSchema(executor.input) ?? null),
    output: executor.output === undefined ? null : (toJsonSchema(executor.output) ?? null),
    example: executor.example ?? null,
  };
}

export function extensionToWire({ manifest, source, status, error, contributions }: LoadedExtension): Wire.Extension {
  return {
    name: manifest.name,
    version: manifest.version,
    api: manifest.api,
    description: manifest.description ?? null,
    source,
    status,
    error: error ?? null,
    contributions: contributions.map(({ kind, name }) => ({ kind, name })),
  };
}
