/**
 * Signals and answers (R-SN-01): each is an event of its own, and whoever it ends says its number.
 *
 * 1. A signal goes to the task that has waited longest for its name; when none waits, it waits itself.
 * 2. One that does not match what the task waits for is refused, and nothing is stored.
 * 3. An answer goes to the task that it names, and to no other.
 * 4. One that gives commands goes to nobody (`decide-handled.ts`).
 */
import type { Json, JsonObject } from '@coppice/extension';
import { refuse, type RefusedOutcome, type Violation } from '../errors/rejection.ts';
import type { SchemaIssue } from '../ports/schemas.ts';
import { inWords, isRunTerminal } from '../task/status.ts';
import { APPROVAL_SIGNAL, OWN_SIGNALS } from '../task/wait.ts';
import { fillDefaults } from '../validate/schema-defaults.ts';
import type { End } from './end.ts';
import { endWait } from './end-wait.ts';
import type { Actor } from './actor.ts';
import type { RunCommand } from './command.ts';
import { decideHandled, isHandled, type Give } from './decide-handled.ts';
import { emit, type Draft, type Refusal } from './draft.ts';
import { unreadSignals } from './inbox.ts';
import { BUILT_IN_SIGNALS } from './signal-commands.ts';
import type { TaskState } from './state.ts';
import { answeredEnding, mismatches } from './wait-ending.ts';
import { unknownTask } from './unknown-task.ts';

/** Signals of one run that nobody has consumed. */
export const UNREAD_MAX = 1_000;
/** All signals of one run. */
export const SIGNALS_MAX = 100_000;
/** Characters of a payload as JSON, and of what comes with an answer. */
export const PAYLOAD_LENGTH_MAX = 65_536;
export const SIGNAL_NAME_LENGTH_MAX = 200;

type CommandOf<T extends RunCommand['type']> = Extract<RunCommand, { readonly type: T }>;

export function decideSignal(draft: Draft, command: CommandOf<'signal'>, give: Give): Refusal {
  const { run } = draft;
  const { name, payload, id } = command;
  if (isKnown(draft, id)) return undefined;
  const isGiving = isHandled(draft, name);
  const refusal = (isGiving ? undefined : refuseName(name)) ?? refuseSignal(draft, payload, id);
  if (refusal !== undefined) return refusal;
  if (isGiving) return decideHandled(draft, command, give);
  const [taskId] = run.inbox?.boxes.get(name)?.tasks ?? [];
  const task = taskId === undefined ? undefined : run.byId.get(taskId);
  if (task === undefined) {
    if (unreadSignals(run.inbox).length >= UNREAD_MAX) return refuseLimit('unread signals', UNREAD_MAX);
  } else {
    const issues = mismatches(draft, task, payload);
    if (issues.length > 0) return refuseValue(task, 'payload', issues);
  }
  emit(draft, 'SignalReceived', { data: { name, payload, ...(id === undefined ? {} : { id }) } });
  if (task !== undefined) endWait(draft, task, { status: 'completed', output: payload, signal: run.seq });
  return undefined;
}

export function decideAnswer(draft: Draft, command: CommandOf<'answer'>): Refusal {
  const { run } = draft;
  const { taskId, id } = command;
  const task = run.byId.get(taskId);
  if (task === undefined) return unknownTask(run, taskId);
  if (!mayAnswer(draft, task, command)) return refuseAnswerer(task, command.actor);
  if (isKnown(draft, id)) return undefined;
  const { waiting } = task;
  if (waiting?.for !== 'wait' || waiting.signal === undefined) return refuseNotWaiting(task);
  const refusal = refuseSignal(draft, { values: command.values ?? null, comment: command.comment ?? null }, id);
  if (refusal !== undefined) return refusal;
  const answer =
    task.definition.approval === undefined ? payloadOf(draft, task, command) : answerOf(draft, task, command);
  if ('ok' in answer) return answer;
  const to = { to: taskId, ...(id === undefined ? {} : { id }) };
  emit(draft, 'SignalReceived', { data: { name: waiting.signal, payload: answer.payload, ...to } });
  endWait(draft, task, answer.ending(run.seq));
  return undefined;
}

interface Answer {
  readonly payload: Json;
  /** The end that the signal with this number brings. */
  readonly ending: (signal: number) => End;
}

function payloadOf(
  draft: Draft,
  task: TaskState,
  { approved, comment, values }: CommandOf<'answer'>,
): Answer | RefusedOutcome {
  if (approved !== undefined || comment !== undefined) {
    const field = approved === undefined ? 'comment' : 'approved';
    return refuseValue(task, field, [
      { path: [], reason: 'it is no approval, so there is nothing but values to answer' },
    ]);
  }
  const schema = task.input?.['schema'] as JsonObject | undefined;
  const given = values ?? (schema?.['properties'] === undefined ? null : {});
  const payload = schema === undefined ? given : fillDefaults(schema, given);
  const issues = mismatches(draft, task, payload);
  if (issues.length > 0) return refuseValue(task, 'values', issues);
  return { payload, ending: (signal) => ({ status: 'completed', output: payload, signal }) };
}

function answerOf(draft: Draft, task: TaskState, command: CommandOf<'answer'>): Answer | RefusedOutcome {
  const { approved, actor, comment = null } = command;
  if (approved === undefined)
    return refuseValue(task, 'approved', [{ path: [], reason: 'is missing', expected: 'true or false' }]);
  const form = task.input?.['form'] as JsonObject | undefined;
  const { values: given = {} } = command;
  // Who rejects need not fill the form in.
  const isFilled = approved || Object.keys(given as JsonObject).length > 0;
  const values = form === undefined || !isFilled ? given : fillDefaults(form, given);
  const issues = form === undefined ? noForm(given) : isFilled ? draft.context.schemas.check(form, values) : [];
  if (issues.length > 0) return refuseValue(task, 'values', issues);
  const answered = { approved, by: { ...actor }, comment, values };
  return { payload: answered, ending: (signal) => answeredEnding(draft, answered, signal) };
}

function noForm(given: Json): readonly SchemaIssue[] {
  const isEmpty = typeof given === 'object' && given !== null && Object.keys(given).length === 0;
  return isEmpty ? [] : [{ path: [], reason: 'it has no form, so there are no values to give' }];
}

/** Who may answer: those that the approval names, else the owner of the tree; an admin always. */
function mayAnswer({ run }: Draft, task: TaskState, { actor, isAdmin }: CommandOf<'answer'>): boolean {
  const approvers = task.input?.['approvers'] as readonly string[] | undefined;
  return isAdmin || (approvers === undefined ? run.userId === actor.userId : approvers.includes(actor.userId));
}

/** The same one twice is one signal. */
function isKnown({ run }: Draft, id: string | undefined): boolean {
  return id !== undefined && run.inbox?.ids.has(id) === true;
}

function refuseName(name: string): Refusal {
  const problem =
    name === '' || name.length > SIGNAL_NAME_LENGTH_MAX
      ? `must have 1 to ${SIGNAL_NAME_LENGTH_MAX} characters`
      : name === APPROVAL_SIGNAL
        ? `'${APPROVAL_SIGNAL}' is for answers to one approval; use waits.answer`
        : name.startsWith(OWN_SIGNALS)
          ? `names that begin with '${OWN_SIGNALS}' are Coppice's own, and '${name}' is none of ${BUILT_IN_SIGNALS.join(', ')}`
          : undefined;
  if (problem === undefined) return undefined;
  const errors: Violation[] = [{ code: 'task/invalid-inputs', path: ['name'], reason: problem, actual: name }];
  return refuse('task/invalid-inputs', `The name of the signal can not be used: ${problem}`, { errors });
}

function refuseSignal({ run }: Draft, payload: Json, id: string | undefined): Refusal {
  if (isRunTerminal(run.status)) {
    const message = `The run of ${run.root.definition.name} ${inWords(run.status)}; nobody waits for a signal there. Open it again with tasks.retry`;
    return refuse('task/invalid-transition', message, { data: { treeId: run.treeId, status: run.status } });
  }
  if ((run.inbox?.received ?? 0) >= SIGNALS_MAX) return refuseLimit('signals in all', SIGNALS_MAX);
  const tooLong = JSON.stringify(payload).length > PAYLOAD_LENGTH_MAX || (id ?? '').length > SIGNAL_NAME_LENGTH_MAX;
  if (!tooLong) return undefined;
  const message = `A signal may have ${PAYLOAD_LENGTH_MAX} characters as JSON, and an id of ${SIGNAL_NAME_LENGTH_MAX}. Send a reference to what is longer`;
  return refuse('limit/refused', message, { data: { limit: PAYLOAD_LENGTH_MAX } });
}

function refuseLimit(what: string, limit: number): RefusedOutcome {
  return refuse('limit/refused', `The run has ${limit} ${what}, which is the limit`, { data: { limit } });
}

function refuseValue(task: TaskState, field: string, issues: readonly SchemaIssue[]): RefusedOutcome {
  const errors = issues.map(({ path, reason, expected, actual }): Violation => ({
    code: 'task/invalid-inputs',
    path: [field, ...path],
    reason,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  }));
  const [first] = errors as [Violation];
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  const message = `${task.definition.name} does not take this: ${first.path.join('.')} ${first.reason}${more}`;
  return refuse('task/invalid-inputs', message, { errors, data: { taskId: task.id } });
}

function refuseAnswerer(task: TaskState, { userId }: Actor): RefusedOutcome {
  const approvers = task.input?.['approvers'] as readonly string[] | undefined;
  const who = approvers === undefined ? 'the owner of the tree' : approvers.slice(0, 5).join(', ');
  const message = `${userId} may not answer ${task.definition.name}. That may: ${who}, or an admin`;
  return refuse('auth/unauthorized', message, { data: { taskId: task.id } });
}

function refuseNotWaiting({ id, definition, status, output }: TaskState): RefusedOutcome {
  const by = (output as { readonly by?: { readonly userId?: unknown } | null } | null)?.by?.userId;
  const answered = typeof by === 'string' ? `; ${by} has answered it` : '';
  const message = `${definition.name} (${id}) ${inWords(status)} and waits for no answer${answered}`;
  return refuse('task/invalid-transition', message, { data: { taskId: id, status } });
}
