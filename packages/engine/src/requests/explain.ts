/** Explains why a task is not running: all its blockers, in words (R-LM-10). */
import {
  breakerText,
  findHold,
  findPause,
  inWords,
  isoText,
  isScopeOpen,
  isSpan,
  isTerminal,
  isUnderWay,
  type Admission,
  type EngineState,
  type LimitGates,
  type Pause,
  type Place,
  type RunState,
  type TaskState,
  type Waiting,
} from '@coppice/core';
import type { Blocker, Explanation } from '../explanation.ts';
import { limitsOf, limitText } from './explain-limits.ts';

/** What keeps tasks from starting beside their own run. */
interface Limiting {
  readonly admission: Admission;
  readonly gates: LimitGates;
  readonly engineState: EngineState;
  readonly nowMs: number;
}

/** The explanation for one task of a run in memory. */
export function explain(run: RunState, task: TaskState, limits: Limiting): Explanation {
  const { id: taskId, status } = task;
  const runLimits = limitsOf(run, task);
  const limit = limitText(runLimits, task);
  if (isTerminal(status) || status === 'running')
    return { taskId, status, summary: `${settledSummary(task)}${limit}`, blockedBy: [], limits: runLimits };
  const blockedBy = blockersOf(run, task, limits);
  const { name } = task.definition;
  const summary =
    blockedBy.length === 0
      ? `${name} ${inWords(status)} and starts with the next admission`
      : `${name} waits: ${blockedBy.map(describe).join('; ')}`;
  return { taskId, status, summary: `${summary}${limit}`, blockedBy, limits: runLimits };
}

/** ` (mia, page)`; empty for what nobody caused. */
function byWhom(reason: NonNullable<TaskState['reason']>): string {
  return 'by' in reason && reason.by !== undefined ? ` (${reason.by.userId}, ${reason.by.face})` : '';
}

function settledSummary(task: TaskState): string {
  const { name } = task.definition;
  if (task.status === 'running')
    return task.group === undefined
      ? `${name} is running, attempt ${task.attempt}`
      : `${name} is open: its members are being run`;
  if (task.status === 'failed') return `${name} failed: ${task.error?.message ?? 'no reason recorded'}`;
  const why = task.reason === undefined ? '' : `: ${task.reason.message}${byWhom(task.reason)}`;
  return `${name} ${inWords(task.status)}${why}`;
}

function blockersOf(
  run: RunState,
  task: TaskState,
  { admission, gates: all, engineState, nowMs }: Limiting,
): Blocker[] {
  const blockers: Blocker[] = [];
  if (!isUnderWay(run.status) || !task.selected) blockers.push({ kind: 'run', status: run.status });
  const pause = findPause(run, task);
  if (pause !== undefined) blockers.push(pauseBlocker(run, pause));
  // A back-off that is frozen has no due time.
  if (task.waiting !== undefined) blockers.push(...blockersOfWait(run, task, { waiting: task.waiting, pause }));
  const isHeld = pause === undefined && task.definition.executor !== undefined;
  const hold = isHeld ? findHold(engineState, task) : undefined;
  if (hold !== undefined) blockers.push({ kind: 'hold', hold });
  if (task.status === 'ready' && pause === undefined && hold === undefined) {
    const gates = admission.blockers(run, task);
    const line = gates.length === 0 ? undefined : admission.placeOf(run, task);
    for (const { gate, used, limit } of gates) {
      const breaker = all.breakers.report(gate, nowMs);
      const rest = { ...waitOf(gate, line, nowMs), ...(breaker === undefined ? {} : { breaker }) };
      blockers.push({ kind: 'gate', gate, used, limit, ...rest });
    }
  }
  if (task.status !== 'pending') return blockers;
  for (const { source, status } of task.incoming) {
    if (status === 'open')
      blockers.push({ kind: 'dependency', taskId: source.id, name: source.definition.name, status: source.status });
  }
  const { owner } = task.scope;
  // A clean-up waits in an open group for the end of the other members.
  if (owner !== undefined && !isScopeOpen(task)) {
    blockers.push({ kind: 'group', taskId: owner.id, name: owner.definition.name, status: owner.status });
  }
  return blockers;
}

/** What the task takes at a gate, and where it stands. */
function waitOf(gate: string, line: Place | undefined, nowMs: number) {
  return {
    demand: line?.demands.get(gate) ?? 1,
    place: line?.place ?? 1,
    waiting: line?.waiting ?? 1,
    oldestWaitMs: Math.max(nowMs - (line?.oldestReadyAtMs ?? nowMs), 0),
  };
}

function pauseBlocker({ byId }: RunState, { taskId, sinceMs, by, reason, isReached }: Pause): Blocker {
  const name = byId.get(taskId)?.definition.name ?? taskId;
  return {
    kind: 'pause',
    taskId,
    name,
    sinceMs,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    isReached,
  };
}

interface PausedWait {
  readonly waiting: Waiting;
  readonly pause: Pause | undefined;
}

/** A span that a pause has frozen has no due time. */
function blockersOfWait(run: RunState, task: TaskState, { waiting, pause }: PausedWait): readonly Blocker[] {
  const isFrozen = pause !== undefined && isSpan(waiting);
  if (waiting.for !== 'wait' || waiting.signal === undefined) {
    const reason = waiting.for === 'wait' ? 'wait' : waiting.for === 'delay' ? 'notBefore' : 'retry';
    return isFrozen ? [] : [{ kind: 'delay', dueAtMs: waiting.untilMs as number, reason }];
  }
  const { signal, sinceMs, untilMs } = waiting;
  const listed = (task.input?.['approvers'] as readonly string[] | undefined) ?? [run.userId];
  const mayAnswer = task.definition.approval === undefined ? [] : listed;
  return [{ kind: 'signal', signal, sinceMs, dueAtMs: isFrozen ? null : (untilMs ?? null), mayAnswer }];
}

const DELAYS = { retry: 'next attempt', notBefore: 'not before', wait: 'until' } as const;

function describeSignal({ signal, sinceMs, dueAtMs, mayAnswer }: Extract<Blocker, { kind: 'signal' }>): string {
  const what = mayAnswer.length === 0 ? `the signal ${signal}` : `the answer of ${mayAnswer.slice(0, 3).join(' or ')}`;
  const more = mayAnswer.length > 3 ? ` or ${mayAnswer.length - 3} more` : '';
  const until = dueAtMs === null ? '' : `, until ${isoText(dueAtMs)}`;
  return `for ${what}${more} since ${isoText(sinceMs)}${until}`;
}

function describe(blocker: Blocker): string {
  switch (blocker.kind) {
    case 'dependency':
      return `${blocker.name} ${inWords(blocker.status)}`;
    case 'group':
      return blocker.status === 'running'
        ? `it cleans up once the other members of ${blocker.name} have ended`
        : `its group ${blocker.name} ${inWords(blocker.status)}`;
    case 'gate':
      if (blocker.breaker !== undefined) return breakerText(blocker.gate, blocker.breaker);
      return `throttled: ${blocker.gate} ${blocker.used}/${blocker.limit}${blocker.demand === 1 ? '' : `, needs ${blocker.demand}`}`;
    case 'delay':
      return `${DELAYS[blocker.reason]} ${isoText(blocker.dueAtMs)}`;
    case 'pause': {
      const why = blocker.reason === undefined ? '' : ` (${blocker.reason})`;
      const who = blocker.by === undefined ? '' : ` by ${blocker.by.userId} (${blocker.by.face})`;
      return `${blocker.name} is paused${who} since ${isoText(blocker.sinceMs)}${why}`;
    }
    case 'hold': {
      const { target, by, sinceMs, reason } = blocker.hold;
      const what = target.of === 'everything' ? 'everything' : `${target.of} ${target.name}`;
      return `${by.userId} (${by.face}) holds ${what} since ${isoText(sinceMs)}${reason === undefined ? '' : ` (${reason})`}`;
    }
    case 'signal':
      return describeSignal(blocker);
    case 'run':
      return blocker.status === 'running'
        ? 'it is not part of what was executed'
        : `the run ${inWords(blocker.status)}`;
  }
}
