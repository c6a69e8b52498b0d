/** Policies of tasks and runs. Kinds of values are checked here; what they mean (ranges, combinations) when a tree is validated. */
import * as z from 'zod';
import { list } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';

export const retryPolicy = strict({
  maxAttempts: z.number().describe('Attempts in all, the first included; 1 to 10. Default 3.').exactOptional(),
  strategy: z
    .enum(['none', 'immediate', 'fixed', 'linear', 'exponential', 'custom'])
    .describe('Default exponential.')
    .exactOptional(),
  delayMs: z.number().describe('Delay before the first retry, ms. Default 1000.').exactOptional(),
  maxDelayMs: z.number().describe('Cap of every delay, ms. Default none.').exactOptional(),
  multiplier: z.number().describe('Factor of the exponential strategy. Default 2.').exactOptional(),
  jitter: z
    .enum(['none', 'proportional', 'full'])
    .describe('`proportional`: ±25 %, clamped to the cap; `full`: 0 to the raw delay. Default proportional.')
    .exactOptional(),
  allow: list(z.string()).describe('Patterns of error codes that may be retried. Default all.').exactOptional(),
  deny: z
    .array(z.string())
    .describe('Patterns of error codes that are never retried; wins over `allow`.')
    .exactOptional(),
  maxElapsedMs: z.number().describe('No attempt starts later than this after the first one, ms.').exactOptional(),
  backoff: z.string().describe('Name of a contributed delay function, for the strategy `custom`.').exactOptional(),
}).meta({ id: 'RetryPolicy' });

const onFailure = z
  .enum(['failFast', 'finishIndependent'])
  .describe('What a scope does when a failure in it stays unhandled. Default finishIndependent.');

const compensation = strict({
  level: z
    .enum(['scope', 'run'])
    .describe('`run`: all that was done in the run, not only in the scope in which the failure began. Default scope.')
    .exactOptional(),
  onCancel: z.boolean().describe('Also when the scope is cancelled. Default false.').exactOptional(),
}).meta({ id: 'CompensationPolicy', description: 'What is compensated when a scope fails.' });

const breakerPolicy = strict({
  failureRate: z
    .number()
    .describe(
      'Part of the calls in the window that failed: at this part it opens, 0 to 1. Default 0.5, and none beside consecutiveFailures.',
    )
    .exactOptional(),
  minimumCalls: z
    .number()
    .describe('Calls that the window must hold before the part counts. Default 10.')
    .exactOptional(),
  window: z.number().describe('The window: so many calls, the last ones; 1 to 10000. Default 100.').exactOptional(),
  windowMs: z
    .number()
    .describe('The window: the calls of so many ms, the last ones. Instead of `window`.')
    .exactOptional(),
  consecutiveFailures: z
    .number()
    .describe('It also opens once so many calls have failed one after the other. Default none.')
    .exactOptional(),
  openForMs: z
    .number()
    .describe('How long nothing passes before calls are tried again, ms. Default 30000.')
    .exactOptional(),
  probes: z
    .number()
    .describe('Calls that must go well to close it again; no more than are missing run at once. Default 3.')
    .exactOptional(),
  whenOpen: z
    .enum(['wait', 'fallback', 'fail'])
    .describe('What a start does that it keeps back; without a fallback it waits. Default wait.')
    .exactOptional(),
  key: z
    .string()
    .describe(
      'Tasks of one executor type with different keys have different breakers; may hold `${{ expression }}` on a task with an executor.',
    )
    .exactOptional(),
}).meta({ id: 'BreakerPolicy', description: 'When calls of an executor are not made for a while, because they fail.' });

export const taskPolicies = strict({
  retry: retryPolicy.exactOptional(),
  timeoutMs: z
    .number()
    .describe('Limit of one attempt, ms; 0 switches that of the groups around it and of the run off.')
    .exactOptional(),
  heartbeatTimeoutMs: z.number().describe('An attempt without a heartbeat for this long, ms, fails.').exactOptional(),
  totalTimeoutMs: z
    .number()
    .describe(
      'Limit of the whole task from its first attempt on, ms: all attempts and the waits between them. Of a group from its opening to its end.',
    )
    .exactOptional(),
  queueTimeoutMs: z
    .number()
    .describe(
      'An attempt that is ready and does not start for this long, ms, fails the task; 0 switches that of the groups around it off.',
    )
    .exactOptional(),
  onFailure: onFailure.exactOptional(),
  concurrency: z
    .number()
    .describe('Of a group: tasks below it that may execute at once; 0: unlimited. Groups around it limit them as well.')
    .exactOptional(),
  idempotencyKey: z.string().describe('Template of the key handed to the executor.').exactOptional(),
  compensation: compensation.describe('Of a group; holds for what is below it.').exactOptional(),
  breaker: breakerPolicy
    .describe('The breaker that attempts pass; of a group, those of what is below it.')
    .exactOptional(),
}).meta({ id: 'TaskPolicies' });

export const runPolicies = strict({
  concurrency: z.number().describe('Tasks of the tree that may execute at once; 0: unlimited.').exactOptional(),
  timeoutMs: z.number().describe('Default limit of one attempt, ms.').exactOptional(),
  runTimeoutMs: z.number().describe('Wall-clock budget of the whole run, ms.').exactOptional(),
  retry: retryPolicy.exactOptional(),
  retryBudget: z.number().describe('Retries allowed in the whole run.').exactOptional(),
  onFailure: onFailure.exactOptional(),
  compensation: compensation.exactOptional(),
  breaker: breakerPolicy.exactOptional(),
}).meta({ id: 'RunPolicies' });

export type RetryPolicy = z.output<typeof retryPolicy>;
export type TaskPolicies = z.output<typeof taskPolicies>;
export type RunPolicies = z.output<typeof runPolicies>;
