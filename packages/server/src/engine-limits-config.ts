/** What the configuration says of limits: what runs at once, how often something starts, and what may be submitted. */
import { strict } from '@coppice/protocol';
import * as z from 'zod';
import { count, durationMs, positive } from './config-scalars.ts';

const rate = z.strictObject({
  count: positive.meta({ description: 'How many may start in each `perMs`.', examples: [10] }),
  perMs: positive
    .optional()
    .meta({ description: 'The time that `count` is for, ms. Default 1000.', examples: [60_000] }),
  burst: positive.optional().meta({
    description: 'How many may start at once after a quiet time. Default: as many as `count`.',
    examples: [3],
  }),
});

const breaker = z.strictObject({
  failureRate: z
    .number()
    .positive()
    .max(1)
    .exactOptional()
    .meta({
      description:
        'Part of the calls in the window that failed: at this part the breaker opens. Default 0.5, and none beside `consecutiveFailures`.',
      examples: [0.5],
    }),
  minimumCalls: positive
    .exactOptional()
    .meta({ description: 'Calls that the window must hold before the part counts. Default 10.', examples: [20] }),
  window: positive
    .max(10_000)
    .exactOptional()
    .meta({ description: 'The window: so many calls, the last ones. Default 100.', examples: [50] }),
  windowMs: positive.exactOptional().meta({
    description: 'The window: the calls of so many ms, the last ones. Instead of `window`.',
    examples: [60_000],
  }),
  consecutiveFailures: positive
    .exactOptional()
    .meta({ description: 'It also opens once so many calls have failed one after the other.', examples: [5] }),
  openForMs: positive.exactOptional().meta({
    description: 'How long nothing passes before calls are tried again, ms. Default 30000.',
    examples: [10_000],
  }),
  probes: positive
    .max(1_000)
    .exactOptional()
    .meta({
      description: 'Calls that must go well to close it again. No more than are missing run at once. Default 3.',
      examples: [1],
    }),
  whenOpen: z
    .enum(['wait', 'fallback', 'fail'])
    .exactOptional()
    .meta({
      description:
        'What a start does that it keeps back, where the task says nothing else. A task without a fallback waits. Default wait.',
      examples: ['fallback'],
    }),
});

export const engineLimits = strict({
  global: count.optional().meta({
    description: 'Attempts that may run at once, in all trees. 0 or absent: unlimited.',
    examples: [16],
  }),
  perTree: count
    .optional()
    .meta({ description: 'Attempts of one tree that may run at once. 0 or absent: unlimited.', examples: [4] }),
  perUser: count.optional().meta({ description: 'Active runs of one user. 0 or absent: unlimited.', examples: [10] }),
  users: z
    .record(z.string(), count)
    .optional()
    .meta({ description: 'The same for single users; wins over `perUser`.', examples: [{ ann: 2 }] }),
  weights: z
    .record(z.string(), z.number().positive().max(1000))
    .optional()
    .meta({
      description:
        'Turns that single users get when places are short, for each turn of a user who is not named here, whose weight is 1.',
      examples: [{ ann: 3 }],
    }),
  executors: z
    .record(z.string(), count)
    .optional()
    .meta({ description: 'Attempts of one executor type that may run at once.', examples: [{ http: 8 }] }),
  tags: z
    .record(z.string(), count)
    .optional()
    .meta({
      description:
        'Attempts that may run at once of the tasks with a tag, and of all tasks below a group with it; by tag. 0: unlimited.',
      examples: [{ nightly: 2 }],
    }),
  rates: z
    .record(z.string(), rate)
    .optional()
    .meta({
      description:
        'How often attempts may start, of an executor type or of the tasks that name the rate: `count` in each `perMs` (default 1000). After a quiet time `burst` (default `count`) may start at once. `*` in a name stands for any characters; each name that fits has a rate of its own.',
      examples: [{ http: { count: 10, burst: 3 }, 'api-*': { count: 100, perMs: 60_000 } }],
    }),
  breakers: z
    .record(z.string(), breaker)
    .optional()
    .meta({
      description:
        'Circuit breakers of executor types: when too many calls of a type fail, no attempts of it start for a while. These numbers win over those of tasks.',
      examples: [{ http: { failureRate: 0.5, minimumCalls: 10, openForMs: 30_000 } }],
    }),
  userStarts: rate.optional().meta({
    description: 'How often runs of each user may begin, in the same form.',
    examples: [{ count: 30, perMs: 60_000, burst: 5 }],
  }),
  locks: z
    .record(z.string(), count)
    .optional()
    .meta({
      description:
        'Attempts that may hold a lock at once, by the name of the lock; `*` in a name stands for any characters. 0: unlimited. Default 1.',
      examples: [{ deploy: 1, 'db-*': 3 }],
    }),
  resources: z
    .record(z.string(), z.number().positive())
    .optional()
    .meta({
      description:
        'Amounts that attempts may hold together, by the name of the resource. One that is not named is unlimited.',
      examples: [{ cpu: 8, memory: 15.5, gpu: 1 }],
    }),
  submissions: z
    .strictObject({
      max: count.optional().meta({
        description: 'Runs that may wait for their first start. 0 or absent: any number.',
        examples: [1024],
      }),
      waitMs: durationMs.optional().meta({
        description: 'Longest wait of a request for room, ms. Default 30000; 0: it does not wait.',
        examples: [5_000],
      }),
      onTimeout: z
        .enum(['refuse', 'pause'])
        .optional()
        .meta({
          description:
            'What happens then. `refuse` (default): nothing is stored. `pause`: the run begins paused, until somebody resumes it.',
          examples: ['pause'],
        }),
    })
    .optional()
    .meta({
      description: 'Bounds the runs that wait to begin. A request for one more waits for room first.',
      examples: [{ max: 1024 }],
    }),
  maxOpenTasks: positive.optional().meta({
    description: 'Unfinished tasks of active runs beyond which new runs are refused. Default 5000000.',
    examples: [100_000],
  }),
  maxTreeTasks: positive
    .optional()
    .meta({ description: 'Tasks of one submission. Default 1000000.', examples: [10_000] }),
  maxItems: positive.optional().meta({
    description: 'Members that one group makes at once, for the items of `forEach` for example. Default 10000.',
    examples: [1_000],
  }),
  maxRunTasks: positive.optional().meta({
    description: 'Tasks that a run may have at once when tasks are added to it. Default 100000.',
    examples: [10_000],
  }),
});
