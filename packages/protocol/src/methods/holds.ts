/** Methods that keep the engine, or a part of its work, from starting anything: for maintenance. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { hold, holdEvent } from '../wire/observation.ts';
import { name } from '../wire/scalar.ts';
import { historyRange } from '../wire/history.ts';
import { exampleTime } from './examples.ts';
import { method } from './method.ts';

/** Characters of a reason. */
const REASON_MAX = 1000;

const reason = z.string().max(REASON_MAX).optional();
const target = z
  .union([
    strict({ executor: name.min(1).describe('Hold the tasks of this executor type only.'), reason }),
    strict({ tag: name.min(1).describe('Hold the tasks with this tag only, and all tasks below them.'), reason }),
    strict({ reason }),
  ])
  .describe('Neither an executor nor a tag: everything.');
const changed = strict({ changed: z.boolean().describe('false: it was so already.'), items: z.array(hold) });
const exampleActor = { userId: 'ann', face: 'cli' as const };
const exampleHold = {
  target: { of: 'executor' as const, name: 'http' },
  since: exampleTime,
  by: exampleActor,
  reason: null,
};

export const holdsSet = method({
  summary: 'Holds everything, one executor type, or one tag: no attempt of it starts until it is released.',
  description:
    'For maintenance, in all runs; needs the role admin. What runs goes on, and so do all clocks: to stop the time of a run, pause it. A hold is stored and outlives restarts. Setting one that is set changes nothing. Answers the holds in force.',
  params: target,
  result: changed,
  errors: ['auth/unauthorized', 'executor/not-found', 'limit/refused'],
  example: { params: { executor: 'http' }, result: { changed: true, items: [exampleHold] } },
});

export const holdsRelease = method({
  summary: 'Releases a hold.',
  description: 'Needs the role admin. Exactly the given hold is released; others stay. Answers the holds in force.',
  params: target,
  result: changed,
  errors: ['auth/unauthorized', 'limit/refused'],
  example: { params: { executor: 'http' }, result: { changed: true, items: [] } },
});

export const holdsList = method({
  summary: 'Lists the holds in force: what they hold, since when, who set them and why.',
  params: strict({}),
  result: strict({ items: z.array(hold) }),
  errors: [],
  example: { params: {}, result: { items: [exampleHold] } },
});

export const holdsHistory = method({
  summary: 'Lists all holds that were ever set and released.',
  params: historyRange,
  result: strict({ items: z.array(holdEvent) }),
  errors: [],
  example: {
    params: {},
    result: {
      items: [
        {
          seq: 1,
          at: exampleTime,
          type: 'HoldSet',
          target: { of: 'executor', name: 'http' },
          by: exampleActor,
          reason: null,
        },
      ],
    },
  },
});
