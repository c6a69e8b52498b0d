/** What explains and describes: attempts, explanations, running tasks, executors, extensions. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { breakerReport } from './breaker.ts';
import { actor } from './actor.ts';
import { json, jsonObject } from './json.ts';
import { count, seq, taskId, time, timeOrNull, treeId, units, userId } from './scalar.ts';
import { runStatus, taskStatus } from './status.ts';
import { toleration } from './event.ts';
import { failureLadder, taskError } from './task.ts';

export const attempt = strict({
  attempt: z.int().min(1),
  status: z.enum(['running', 'completed', 'failed', 'skipped', 'cancelled', 'interrupted']),
  startedAt: time,
  endedAt: timeOrNull,
  input: jsonObject.describe('Resolved input.'),
  output: json.exactOptional(),
  error: taskError.exactOptional(),
  retryDelayMs: z.number().exactOptional().describe('Delay before the next attempt, ms.'),
  retryAt: time.exactOptional().describe('When the next attempt is due.'),
}).meta({ id: 'Attempt' });

export const logLine = strict({
  taskId,
  attempt: z.int().min(1),
  offset: count.describe('Place among all lines of the tree, from 1.'),
  number: count.describe(
    'Place among the lines of the attempt, from 1. Where numbers are missing, lines were dropped at a limit.',
  ),
  at: time,
  stream: z.enum(['stdout', 'stderr', 'log']).describe('`log`: of the logger of the attempt.'),
  text: z.string().describe('Without its line break. May hold escape sequences, such as colours.'),
}).meta({ id: 'LogLine' });

export const failedTask = strict({
  taskId,
  name: z.string(),
  attempt: count.describe('Number of the last attempt; 0: it never started.'),
  endedAt: time,
  error: taskError,
  ladder: failureLadder,
  toleration: toleration.exactOptional().describe('Absent: it failed the run.'),
}).meta({ id: 'FailedTask' });

const holdTarget = z
  .discriminatedUnion('of', [
    strict({ of: z.literal('everything') }),
    strict({ of: z.literal('executor'), name: z.string() }),
    strict({ of: z.literal('tag'), name: z.string().describe('Of a task; all tasks below it are held too.') }),
  ])
  .meta({ id: 'HoldTarget', description: 'What a hold keeps from starting.' });

const holdShape = {
  target: holdTarget,
  since: time,
  by: actor,
  reason: z.string().nullable(),
};

export const hold = strict(holdShape).meta({ id: 'Hold' });

export const holdEvent = strict({
  seq,
  at: time,
  type: z.enum(['HoldSet', 'HoldReleased']),
  target: holdTarget,
  by: actor,
  reason: z.string().nullable(),
}).meta({ id: 'HoldEvent', description: 'A hold was set or released.' });

export const blocker = z
  .discriminatedUnion('kind', [
    strict({ kind: z.literal('dependency'), taskId, name: z.string(), status: taskStatus }),
    strict({ kind: z.literal('group'), taskId, name: z.string(), status: taskStatus }),
    strict({
      kind: z.literal('gate'),
      gate: z.string(),
      used: units,
      limit: units,
      demand: units.describe('Units that the task takes.'),
      place: z.int().min(1).describe('From 1, among the tasks of its tree that wait for the same gates.'),
      waiting: count.describe('Number of those tasks.'),
      oldestWaitMs: count.describe('How long the first of them has been ready.'),
      breaker: breakerReport.describe('Of a breaker: how it is.').exactOptional(),
    }),
    strict({ kind: z.literal('delay'), dueAt: time, reason: z.enum(['retry', 'notBefore', 'wait']) }),
    strict({
      kind: z.literal('signal'),
      signal: z.string(),
      since: time,
      dueAt: timeOrNull.describe('When the wait ends by itself.'),
      mayAnswer: z.array(z.string()).describe('Who may answer; empty: whoever may send the tree a signal.'),
    }),
    strict({
      kind: z.literal('pause'),
      taskId: taskId.describe('The task that is paused: this one, or one above it.'),
      name: z.string(),
      since: time,
      by: actor.exactOptional(),
      reason: z.string().exactOptional(),
      status: z.enum(['pausing', 'paused']),
    }),
    strict({ kind: z.literal('hold'), ...holdShape }),
    strict({ kind: z.literal('run'), status: runStatus }),
  ])
  .meta({ id: 'Blocker' });

export const explanation = strict({
  taskId,
  status: taskStatus,
  summary: z.string().describe('One sentence for people.'),
  blockedBy: z.array(blocker).describe('Empty for a task that runs or has ended.'),
  limits: z
    .array(
      strict({
        limit: z
          .enum(['task', 'queue', 'total', 'scope', 'run'])
          .describe('Of the attempt, of the wait for a start, of the whole task, of a group around it, or of the run.'),
        taskId: taskId.describe('The task, group or root whose limit it is.'),
        name: z.string(),
        endsAt: time,
      }),
    )
    .describe(
      'Time limits that run for it, the one that ends first at the beginning. What a pause has frozen does not run.',
    ),
}).meta({ id: 'Explanation' });

export const runningTask = strict({
  taskId,
  treeId,
  name: z.string(),
  executor: z.string(),
  userId,
  attempt: z.int().min(1),
  startedAt: time,
  progress: z.number().nullable(),
  progressMessage: z.string().nullable(),
}).meta({ id: 'RunningTask' });

const executorShape = {
  type: z.string().describe('The name that tasks refer to.'),
  description: z.string(),
  effects: z.enum(['pure', 'recorded', 'external']),
  onCrash: z.enum(['retry', 'fail']).describe('What happens to an attempt that a crash interrupted.'),
  concurrency: count.describe('Attempts that may run at once; 0: unlimited.'),
  ports: z.union([z.array(z.string()), z.literal('dynamic')]).describe('Outputs beside the primary one.'),
  capabilities: z.array(z.string()),
};

export const executor = strict(executorShape).meta({ id: 'Executor' });

export const executorDetails = strict({
  ...executorShape,
  input: jsonObject.nullable().describe('JSON Schema of the inputs; null: any.'),
  output: jsonObject.nullable().describe('JSON Schema of the output; null: any.'),
  example: jsonObject.nullable().describe('Example inputs.'),
}).meta({ id: 'ExecutorDetails' });

export const extension = strict({
  name: z.string(),
  version: z.string(),
  api: z.string().describe('Range of the Coppice API that it works with.'),
  description: z.string().nullable(),
  source: z.string().describe('Package name or path that it was loaded from.'),
  status: z.enum(['loaded', 'failed']),
  error: z.string().nullable(),
  contributions: z.array(strict({ kind: z.string(), name: z.string() })),
}).meta({ id: 'Extension' });

export type Attempt = z.output<typeof attempt>;
export type LogLine = z.output<typeof logLine>;
export type Hold = z.output<typeof hold>;
export type HoldEvent = z.output<typeof holdEvent>;
export type HoldTarget = z.output<typeof holdTarget>;
export type Blocker = z.output<typeof blocker>;
export type Explanation = z.output<typeof explanation>;
export type RunningTask = z.output<typeof runningTask>;
export type Executor = z.output<typeof executor>;
export type ExecutorDetails = z.output<typeof executorDetails>;
export type Extension = z.output<typeof extension>;
