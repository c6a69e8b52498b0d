/** Methods that show the gates of an engine, and change what they let pass while it runs. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { breakerReport } from '../wire/breaker.ts';
import { actor } from '../wire/actor.ts';
import { rate } from '../wire/rate.ts';
import { count, name, seq, taskId, time, timeOrNull, treeId, units, userId } from '../wire/scalar.ts';
import { historyRange } from '../wire/history.ts';
import { exampleTaskId, exampleTime } from './examples.ts';
import { method } from './method.ts';

const REASON_MAX = 1000;
const GATES_MAX = 1000;

const limit = units
  .nullable()
  .describe(
    'Units that may be taken at once, of a rate its burst; null: any number. More may be taken: a lowered limit ends nothing.',
  );

const waiter = strict({
  treeId,
  taskId,
  name: z.string(),
  treeName: z.string(),
  userId,
  place: z.int().min(1).describe('From 1, among the tasks of its tree that pass the same gates.'),
  waitMs: count.nullable().describe('How long it has been ready; null: not known.'),
}).meta({ id: 'GateWaiter', description: 'A ready task that waits at a gate.' });

const gateStats = strict({
  starts: count.describe('Starts that have passed.'),
  waits: count.describe('Those of them that had to wait.'),
  waitedMs: z.number().min(0).describe('Sum of their waits, from ready to started, ms.'),
  longestMs: z.number().min(0),
  refused: count.describe('Requests that were refused here.'),
  histogram: z
    .array(strict({ upToMs: count.nullable().describe('null: longer than all before.'), waits: count }))
    .describe('Waits by their length.'),
}).meta({ id: 'GateStats', description: 'What a gate has let pass since the server started.' });

const gateReport = strict({
  gate: z.string(),
  used: units,
  limit,
  waiting: count.describe('Ready tasks that wait there.'),
  oldestWaitMs: count
    .nullable()
    .describe('How long the task has been ready that has waited longest; null: none waits.'),
  freeAt: timeOrNull.describe(
    'When time alone makes a unit free; null: one is free, or only an end of an attempt does.',
  ),
  waiters: z
    .array(waiter)
    .describe(
      'The first of those who wait, at most 20: the smallest places first, then the longest waits. Tasks of other users need the role admin.',
    ),
  rate: rate.nullable().describe('Of a rate: how often a start may pass; null: it is none, or lets everything pass.'),
  starving: count.describe('Lines of tasks of which none has started for long.'),
  stats: gateStats,
  configured: limit.describe('Units by the configuration; null: any number.'),
  configuredRate: rate.nullable().describe('The rate by the configuration; null: none.'),
  set: strict({ since: time, by: actor, reason: z.string().nullable() })
    .nullable()
    .describe('Who has set the limit while the server runs; null: the configuration holds.'),
  breaker: breakerReport.nullable().describe('How the breaker is; null: this gate is none.'),
}).meta({ id: 'GateReport' });

export const gateAlert = strict({
  kind: z
    .enum(['starving', 'saturated', 'relieved'])
    .describe(
      '`starving`: none of the waiting tasks has started for long. `saturated`: the gate keeps requests waiting. `relieved`: it does so no more.',
    ),
  gate: z.string(),
  at: time,
  used: units,
  limit,
  waiting: count.describe('Tasks or requests that wait.'),
  waitedMs: count.nullable().describe('Of what starves: since when none of the line has started; else null.'),
  first: waiter.nullable().describe('Of what starves: the task whose turn it is; else null.'),
}).meta({ id: 'GateAlert' });

const setLimit = z.union([units, rate, z.literal('unlimited'), z.literal('configured')]);

const limitEvent = strict({
  seq,
  at: time,
  type: z.enum(['LimitSet', 'BreakerOpened', 'BreakerHalfOpened', 'BreakerClosed']),
  gate: z.string(),
  limit: setLimit.nullable().describe('What was set; null: a breaker has changed.'),
  by: actor.nullable().describe('Who has set the limit or reset the breaker; null: the breaker has changed by itself.'),
  reason: z.string().nullable(),
  opening: strict({ calls: count, failures: count, openUntil: time })
    .nullable()
    .describe('Why a breaker has opened, and until when nothing passes; null: it was something else.'),
}).meta({ id: 'LimitEvent', description: 'A limit was set, or a breaker has changed.' });

const example: z.output<typeof gateReport> = {
  gate: 'executor:http',
  used: 4,
  limit: 4,
  waiting: 12,
  oldestWaitMs: 5200,
  freeAt: null,
  waiters: [
    {
      treeId: exampleTaskId,
      taskId: exampleTaskId,
      name: 'fetch',
      treeName: 'report',
      userId: 'ann',
      place: 1,
      waitMs: 5200,
    },
  ],
  rate: null,
  starving: 0,
  stats: {
    starts: 310,
    waits: 40,
    waitedMs: 61_000,
    longestMs: 5200,
    refused: 0,
    histogram: [
      { upToMs: 10, waits: 4 },
      { upToMs: null, waits: 36 },
    ],
  },
  configured: 8,
  configuredRate: null,
  set: { since: exampleTime, by: { userId: 'ann', face: 'cli' }, reason: 'the service is slow' },
  breaker: null,
};

const openBreaker: z.output<typeof gateReport> = {
  ...example,
  gate: 'breaker:http',
  used: 0,
  limit: 0,
  freeAt: exampleTime,
  configured: null,
  set: null,
  breaker: {
    state: 'open',
    calls: 10,
    failures: 6,
    since: exampleTime,
    openUntil: exampleTime,
    missing: 3,
    openings: 1,
  },
};

export const limitsGet = method({
  summary: 'Lists the gates that starts pass now: use, capacity, who waits and for how long.',
  description:
    'The gates where most tasks wait come first. Gates of other users and of their trees need the role admin.',
  params: strict({
    gate: name
      .min(1)
      .optional()
      .describe('Only the gate of this name, or gates whose names begin so when it ends with a colon.'),
    limit: z.int().min(1).max(GATES_MAX).default(100).describe('At most so many. Default 100.'),
  }),
  result: strict({ items: z.array(gateReport), total: count.describe('Number of all that fit.') }),
  errors: [],
  example: { params: {}, result: { items: [example, openBreaker], total: 2 } },
});

export const limitsSet = method({
  summary: 'Sets the capacity of a gate while the server runs.',
  description:
    'Needs the role admin. It is stored, outlives restarts and wins over the configuration until it is set to `configured`. It holds from the next admission on: what runs goes on, also above a lowered limit. Setting what is set changes nothing.',
  params: strict({
    gate: name
      .min(1)
      .describe(
        '`global`, `submissions`, `user:ID`, `executor:TYPE`, `tag:TAG`, `lock:NAME`, `resource:NAME`, `rate:NAME` or `user-starts:ID`.',
      ),
    limit: setLimit.describe(
      'Units; 0 lets nothing start. Of a rate `{ count, perMs, burst }`. `configured`: again what the configuration says.',
    ),
    reason: z.string().max(REASON_MAX).optional().describe('Kept in the history.'),
  }),
  result: strict({ changed: z.boolean().describe('false: it was so already.'), items: z.array(gateReport) }),
  errors: ['auth/unauthorized', 'limit/refused'],
  example: {
    params: { gate: 'executor:http', limit: 4, reason: 'the service is slow' },
    result: { changed: true, items: [example] },
  },
});

export const limitsReset = method({
  summary: 'Closes a breaker that is not closed.',
  description:
    'Needs the role admin. It is stored. What waits may start at once, and how calls go is counted anew. A closed breaker stays as it is. To take back a limit that was set, set it to `configured`.',
  params: strict({
    gate: name.min(1).describe('Name of the breaker, such as `breaker:http`.'),
    reason: z.string().max(REASON_MAX).optional().describe('Kept in the history.'),
  }),
  result: strict({ changed: z.boolean().describe('false: it was closed already.'), items: z.array(gateReport) }),
  errors: ['auth/unauthorized', 'limit/refused'],
  example: {
    params: { gate: 'breaker:http', reason: 'the service is back' },
    result: { changed: true, items: [] },
  },
});

export const limitsHistory = method({
  summary: 'Lists all limits that were ever set while the server ran, and all changes of breakers.',
  description: 'Needs the role admin.',
  params: historyRange.extend({ gate: name.min(1).optional().describe('Only of the gate of this name.') }),
  result: strict({ items: z.array(limitEvent) }),
  errors: ['auth/unauthorized'],
  example: {
    params: {},
    result: {
      items: [
        {
          seq: 1,
          at: exampleTime,
          type: 'LimitSet',
          gate: 'executor:http',
          limit: 4,
          by: { userId: 'ann', face: 'cli' },
          reason: 'the service is slow',
          opening: null,
        },
        {
          seq: 2,
          at: exampleTime,
          type: 'BreakerOpened',
          gate: 'breaker:http',
          limit: null,
          by: null,
          reason: null,
          opening: { calls: 10, failures: 6, openUntil: exampleTime },
        },
      ],
    },
  },
});
