/**
 * `decide` turns a command into events, or refuses it (rules 1 to 11). It reads no clock and no random numbers: both are in the context.
 *
 * The run is changed in place: afterwards it equals the fold of its former value with the returned events.
 * A refused or ignored command changes nothing. A late or duplicate result is ignored: there are no events (invariant 8).
 */
import { type Outcome, refuse } from '../errors/rejection.ts';
import type { CreateCommand, DecideContext, RunCommand } from './command.ts';
import { cascade } from './cascade.ts';
import { emit, newDraft, type Draft, type Refusal } from './draft.ts';
import type { EventOf, RunEvent } from './event.ts';
import { isAttemptRunning } from './executing.ts';
import { evolve } from './evolve.ts';
import { failWithoutProgress, finishRun } from './finish.ts';
import { decideCancel } from './decide-cancel.ts';
import { decideDelete, decideUpdate } from './decide-definition.ts';
import { decideDeadline } from './decide-deadline.ts';
import { decideDue } from './decide-due.ts';
import { decideEndByHand } from './decide-end-by-hand.ts';
import { decideExecute } from './decide-execute.ts';
import { decideComplete, decideFail, decideInterrupt, decideTimeout } from './decide-outcome.ts';
import { decideDrained, decidePause, decideResume, reachPauses } from './decide-pause.ts';
import { decideRetry } from './decide-retry.ts';
import { decideStart } from './decide-start.ts';
import { decideTurnAway } from './decide-turn-away.ts';
import { decideRunTimeout } from './decide-run-timeout.ts';
import { decideAnswer, decideSignal } from './decide-signal.ts';
import { deadOfSettled } from './settled.ts';
import type { RunState } from './state.ts';

/** Events of an accepted command, in order; empty when there was nothing to do. */
export type Decision = Outcome<readonly RunEvent[]>;

/** Creates a tree from a validated definition. */
export function create(
  command: CreateCommand,
  context: DecideContext,
): { readonly run: RunState; readonly event: RunEvent } {
  const { idempotencyKey, actor, ...rest } = command;
  const event: EventOf<'TreeCreated'> = {
    type: 'TreeCreated',
    seq: 1,
    atMs: context.nowMs,
    taskId: undefined,
    attempt: undefined,
    data: {
      ...rest,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...deadOfSettled(command.definition, context),
    },
    ...(actor === undefined ? {} : { actor }),
  };
  return { run: evolve(undefined, event), event };
}

/** Decides a command on an existing tree. */
export function decide(run: RunState, command: RunCommand, context: DecideContext): Decision {
  const draft = newDraft(run, context);
  const refusal = dispatch(draft, command);
  if (refusal !== undefined) return refusal;
  draft.actor = undefined;
  cascade(draft);
  // When a copy carried over the outcomes of all selected tasks, the run ends as it starts.
  if (run.scope.open === 0) finishRun(draft);
  failWithoutProgress(draft);
  if (run.pauses !== undefined) reachPauses(draft);
  return { ok: true, value: draft.events };
}

function dispatch(draft: Draft, command: RunCommand): Refusal {
  switch (command.type) {
    case 'start':
      return decideStart(draft, command.taskIds);
    case 'turnAway':
      return decideTurnAway(draft, command);
    case 'complete':
      return decideComplete(draft, command);
    case 'fail':
      return decideFail(draft, command);
    case 'timeout':
      return decideTimeout(draft, command);
    case 'deadline':
      return decideDeadline(draft, command);
    case 'due':
      return decideDue(draft, command.taskId);
    case 'signal':
      draft.actor = command.actor;
      return decideSignal(draft, command, (given) => dispatch(draft, given));
    case 'answer':
      draft.actor = command.actor;
      return decideAnswer(draft, command);
    case 'progress':
      return decideProgress(draft, command);
    case 'record':
      return decideRecord(draft, command);
    case 'execute':
      draft.actor = command.actor;
      return decideExecute(draft, command);
    case 'runTimeout':
      return decideRunTimeout(draft);
    case 'cancel':
      draft.actor = command.actor;
      return decideCancel(draft, command);
    case 'endByHand':
      draft.actor = command.actor;
      return decideEndByHand(draft, command);
    case 'pause':
      draft.actor = command.actor;
      return decidePause(draft, command);
    case 'drained':
      return decideDrained(draft, command);
    case 'resume':
      draft.actor = command.actor;
      return decideResume(draft, command);
    case 'interrupt':
      return decideInterrupt(draft, command);
    case 'retry':
      draft.actor = command.actor;
      return decideRetry(draft, command);
    case 'update':
      draft.actor = command.actor;
      return decideUpdate(draft, command.definition);
    case 'delete':
      draft.actor = command.actor;
      return decideDelete(draft, command.taskId);
  }
}

type CommandOf<T extends RunCommand['type']> = Extract<RunCommand, { readonly type: T }>;

function decideProgress(draft: Draft, command: CommandOf<'progress'>): Refusal {
  const task = draft.run.byId.get(command.taskId);
  if (!isAttemptRunning(task, command.attempt)) return undefined;
  const { fraction, message } = command;
  const data = { ...(fraction === undefined ? {} : { fraction }), ...(message === undefined ? {} : { message }) };
  emit(draft, 'TaskProgressed', { taskId: task.id, attempt: task.attempt, data: data });
  return undefined;
}

function decideRecord(draft: Draft, command: CommandOf<'record'>): Refusal {
  const task = draft.run.byId.get(command.taskId);
  if (!isAttemptRunning(task, command.attempt)) {
    return refuse(
      'task/invalid-transition',
      `Attempt ${command.attempt} of task ${command.taskId} has ended; nothing more can be recorded`,
    );
  }
  const { key, occurrence, value, secrets } = command;
  if (task.calls?.has(`${key}#${occurrence}`) === true) return undefined;
  emit(draft, 'CallRecorded', {
    taskId: task.id,
    attempt: task.attempt,
    data: { key, occurrence, value, ...(secrets && { secrets }) },
  });
  return undefined;
}
