/** Events as they travel: the stored facts, with times as ISO 8601. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { actor } from './actor.ts';
import { declares } from './declares.ts';
import { fieldsIn } from './definition-fields.ts';
import { json, jsonObject } from './json.ts';
import { runPolicies } from './policies.ts';
import { secretReferences } from './secret-reference.ts';
import { count, seq, taskId, time, treeId } from './scalar.ts';
import { cutPart } from './cut-part.ts';
import { failureLadder, origin, runResult, taskError } from './task.ts';

const taskIds = z.array(taskId);
const ready = taskIds.exactOptional().describe('Tasks that became ready by this event.');
const dead = z
  .array(
    strict({
      task: taskId,
      edge: count,
      because: z.enum(['trigger', 'port', 'condition', 'disabled', 'first', 'fatal']),
      fault: z
        .string()
        .exactOptional()
        .describe('What was wrong with a condition that could not be worked out; its target fails.'),
    }),
  )
  .exactOptional()
  .describe('Outgoing edges that did not fire; all others fired.');
const secrets = secretReferences
  .exactOptional()
  .describe('Where secrets stand in the value; a text that only looks like a placeholder is not among them.');
const cut = z.array(cutPart).exactOptional().describe('Texts of the output that are not whole.');
const skipReason = strict({
  code: z.enum(['dependency', 'when', 'scope', 'user']),
  message: z.string(),
  tasks: taskIds,
});
export const toleration = strict({
  how: z.enum(['allowed', 'handled']),
  by: strict({ taskId, name: z.string() }).describe('What is allowed to fail, or the task that dealt with it.'),
}).meta({ id: 'Toleration', description: 'Why a failure did not fail the run.' });
const tolerated = strict({
  handled: count,
  allowed: count,
  first: z.array(strict({ taskId, name: z.string(), ...toleration.shape })).describe('The first of them.'),
})
  .exactOptional()
  .describe('Failures that did not fail the run. Absent: none.');
const unread = strict({
  count,
  first: z.array(strict({ signal: seq, name: z.string() })).describe('The first of them.'),
})
  .exactOptional()
  .describe('Signals that nobody has consumed. Absent: none.');
const failures = z.array(
  strict({
    taskId,
    name: z.string(),
    error: taskError,
    ladder: failureLadder.exactOptional().describe('Absent: of a compensation, or in an old log.'),
  }),
);
const compensation = strict({
  result: z.enum(['complete', 'partial']),
  tasks: count.describe('Tasks that were to undo something.'),
  failures: failures.describe('The first of them that did not complete.'),
})
  .exactOptional()
  .describe('What was undone. Absent: nothing.');
const result = runResult.exactOptional();
const cancelReason = strict({
  code: z.enum(['user', 'failFast', 'runTimeout', 'timeout', 'fatal', 'scope', 'race']),
  message: z.string(),
});

/** A task's definition inside an event. */
export const definition = strict({
  id: taskId,
  key: z.string(),
  name: z.string(),
  parentId: taskId.exactOptional(),
  ...fieldsIn('kept'),
  settled: strict({
    status: z.enum(['completed', 'failed', 'skipped', 'cancelled']),
    output: json,
    secrets,
    cut,
    port: z.string().exactOptional(),
    error: taskError.exactOptional(),
    reason: cancelReason.exactOptional(),
    patch: jsonObject.exactOptional(),
    left: jsonObject.exactOptional(),
    expanded: z.literal(true).exactOptional().describe('Its executor made it a group, by adding tasks.'),
    attempt: count,
    startedAt: time.exactOptional(),
    endedAt: time.exactOptional(),
    reused: z.boolean(),
  }).exactOptional(),
}).meta({ id: 'TaskDefinition' });

const treeDefinition = strict({
  treeId,
  tasks: z.array(definition),
  inputs: jsonObject,
  variables: jsonObject.describe('Initial values.'),
  declares: declares.exactOptional(),
  merges: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('How writes to variables merge, by variable. Absent: all are replaced.'),
  policies: runPolicies,
  baseDir: z.string().describe("Folder that relative paths in the tasks' inputs start from.").exactOptional(),
  origin: origin.exactOptional(),
});

const envelope = {
  treeId,
  seq,
  at: time,
  v: z.int().describe('Version of the event schema.'),
  actor: actor
    .exactOptional()
    .describe('Absent: the event followed from others, or it was stored by an earlier version.'),
};
const attempt = z.int().min(1).describe('The attempt, counted from 1.');

const reasonText = z.string().exactOptional();
/** A command that a signal gave. */
const signalCommand = z.union([
  strict({
    type: z.literal('pause'),
    task: taskId.exactOptional(),
    reason: reasonText,
    drainTimeoutMs: z.number().exactOptional(),
  }),
  strict({ type: z.enum(['resume', 'cancel']), task: taskId.exactOptional(), reason: reasonText }),
  strict({ type: z.literal('update'), task: taskId, inputs: jsonObject }),
  strict({
    type: z.literal('complete'),
    task: taskId,
    output: json.exactOptional(),
    port: z.string().exactOptional(),
    reason: reasonText,
  }),
  strict({ type: z.literal('skip'), task: taskId, reason: reasonText }),
]);

function treeEvent<Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) {
  return strict({ ...envelope, type: z.literal(type), data: strict(data) });
}

function taskEvent<Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) {
  return strict({
    ...envelope,
    type: z.literal(type),
    taskId,
    attempt: attempt.exactOptional(),
    data: strict(data),
  });
}

export const runEvent = z
  .discriminatedUnion('type', [
    treeEvent('TreeCreated', {
      definition: treeDefinition,
      userId: z.string(),
      seed: z.string(),
      idempotencyKey: z.string().exactOptional(),
      dead,
    }),
    treeEvent('RunStarted', {
      selection: taskIds.exactOptional(),
      inputs: jsonObject.exactOptional(),
      deadlineAt: time.exactOptional(),
      ready,
    }),
    taskEvent('TaskOpened', {
      input: jsonObject.exactOptional().describe('The resolved inputs of a group that has some.'),
      secrets,
      outcome: strict({
        output: json,
        port: z.string().exactOptional(),
        secrets,
        cut,
        patch: jsonObject.exactOptional().describe('What it wrote to variables; the members see it.'),
      })
        .exactOptional()
        .describe('What the attempt returned whose executor adds the members.'),
      added: z
        .array(definition)
        .exactOptional()
        .describe(
          'New members of the group, with all that is below them. A repetition opens its group again for each copy.',
        ),
      removed: taskIds
        .exactOptional()
        .describe('Tasks that leave the run, because they have ended and only the log needs them.'),
      left: jsonObject
        .exactOptional()
        .describe(
          'What was written to variables inside of the group before the members that it has: by copies of a repetition that have left, merged.',
        ),
      deadlineAt: time.exactOptional().describe('When the time of the group is over.'),
      closing: strict({
        cleanUp: z.literal(true).exactOptional().describe('Its other members have ended, and its clean-up begins.'),
        compensation: z
          .literal(true)
          .exactOptional()
          .describe('Its work has ended, and the members that come with this undo what was done in it.'),
        cancelled: cancelReason.exactOptional().describe('Why it will be cancelled once its clean-up has ended.'),
        failed: taskError.exactOptional().describe('What it will fail with once its clean-up has ended.'),
      })
        .exactOptional()
        .describe('The group was open already, and is about to end. A root that is no group stands for the run.'),
      ready,
    }),
    taskEvent('TaskDelayed', { dueAt: time }),
    taskEvent('TaskDue', {
      locks: z.array(z.string()).exactOptional().describe('Names of its locks, when some names were worked out.'),
      rates: z.array(z.string()).exactOptional().describe('Names of its rates, likewise.'),
      breaker: z.string().exactOptional().describe('Key of its breaker, when it was worked out.'),
      deadlineAt: time.exactOptional().describe('When the task fails unless an attempt has started.'),
    }),
    taskEvent('WaitStarted', {
      input: jsonObject.describe('What it waits for, as its definition says, resolved.'),
      secrets,
      signal: z.string().exactOptional().describe('Name of the signal; absent: it waits for a time alone.'),
      dueAt: time.exactOptional().describe('When it ends by itself.'),
      remindAt: time.exactOptional().describe('When people are reminded first.'),
    }),
    taskEvent('WaitReminded', {
      dueAt: time.exactOptional(),
      remindAt: time.exactOptional().describe('When people are reminded next.'),
    }),
    treeEvent('SignalReceived', {
      name: z.string(),
      payload: json,
      id: z.string().exactOptional(),
      to: taskId.exactOptional().describe('The one task that it is for.'),
      commands: z.array(signalCommand).exactOptional().describe('What it gives, of a signal that becomes commands.'),
    }),
    treeEvent('SignalRejected', {
      signal: seq.describe('Number of the event that received it.'),
      name: z.string(),
      reason: z.string(),
      task: taskId.exactOptional().describe('The wait that does not take it.'),
    }),
    taskEvent('TaskStarted', {
      input: jsonObject,
      secrets,
      idempotencyKey: z.string().exactOptional().describe('Absent: the default, `<treeId>/<taskId>`.'),
      timeoutMs: z.number().exactOptional(),
      limit: z
        .enum(['task', 'total', 'scope', 'run'])
        .exactOptional()
        .describe(
          'Which limit ends the attempt first: its own, that of the whole task, of a group around it, or of the run.',
        ),
      deadlineAt: time.exactOptional().describe('Of a first attempt: when the time of the whole task is over.'),
      fallback: z.literal(true).exactOptional().describe('The executor is that of the fallback.'),
    }),
    taskEvent('CallRecorded', { key: z.string(), occurrence: z.int(), value: json, secrets }),
    taskEvent('TaskProgressed', { fraction: z.number().exactOptional(), message: z.string().exactOptional() }),
    taskEvent('RetryScheduled', {
      error: taskError,
      delayMs: z.number(),
      dueAt: time,
      fallback: z.literal(true).exactOptional().describe('There is no further try: the fallback takes its place.'),
    }),
    taskEvent('AttemptInterrupted', {
      reason: z.enum(['crash', 'shutdown', 'pause']),
      dueAt: time.exactOptional().describe('When the task is ready again; absent: at once.'),
      deadlineAt: time.exactOptional().describe('When the task fails unless another attempt has started.'),
    }),
    taskEvent('TaskCompleted', {
      output: json,
      secrets,
      cut,
      patch: jsonObject.exactOptional().describe('What the task wrote to variables.'),
      port: z.string().exactOptional(),
      reason: strict({ code: z.literal('user'), message: z.string() })
        .exactOptional()
        .describe('Set when a person completed the task by hand; an attempt that was running is aborted.'),
      signal: seq.exactOptional().describe('Of a wait: number of the signal that ended it.'),
      ready,
      dead,
    }),
    taskEvent('TaskFailed', { error: taskError, handled: z.boolean(), ready, dead }),
    taskEvent('TaskSkipped', { reason: skipReason, ready, dead }),
    taskEvent('TaskCancelled', {
      reason: cancelReason,
      output: json.exactOptional().describe('What the attempt had produced until then, if it was running and told so.'),
      ready,
      dead,
    }),
    treeEvent('RunCompleted', { tolerated, unread, result }),
    treeEvent('RunFailed', {
      error: taskError,
      failures: failures.describe('The first of the failures that nobody dealt with; `tasks.failures` lists all.'),
      failureCount: count.exactOptional().describe('How many there are. Absent in old logs: all are listed.'),
      compensation,
      tolerated,
      unread,
      result,
    }),
    treeEvent('RunCancelled', { reason: cancelReason, compensation, unread, result }),
    treeEvent('RunReopened', {
      mode: z.enum(['start', 'failure', 'task', 'selection']),
      reset: taskIds,
      removed: taskIds.exactOptional().describe('Members that leave the run, because their group makes new ones.'),
      inputs: jsonObject.exactOptional(),
      selection: taskIds.exactOptional(),
      deadlineAt: time.exactOptional(),
      ready,
    }),
    taskEvent('TaskPausing', {
      reason: z.string().exactOptional(),
      drainUntil: time
        .exactOptional()
        .describe('When attempts that still run are released; absent: they end by themselves.'),
    }),
    taskEvent('TaskPaused', {}),
    taskEvent('TaskResumed', { reason: z.string().exactOptional() }),
    taskEvent('TaskUpdated', { definition, ready, dead }),
    treeEvent('TasksDeleted', { taskIds }),
  ])
  .meta({ id: 'RunEvent', description: 'One fact about a tree, identified by `(treeId, seq)`.' });

export type RunEvent = z.output<typeof runEvent>;
export type EventType = RunEvent['type'];
/** An event of a given type. */
export type EventOf<Type extends EventType> = Extract<RunEvent, { type: Type }>;
