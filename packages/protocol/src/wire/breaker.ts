/** How a circuit breaker is. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { count, timeOrNull } from './scalar.ts';

export const breakerReport = strict({
  state: z
    .enum(['closed', 'open', 'halfOpen'])
    .describe('`open`: nothing passes. `halfOpen`: so many pass as must still go well.'),
  calls: count.describe('Of a closed breaker the calls in its window, else those that were looked at when it opened.'),
  failures: count.describe('How many of them failed.'),
  since: timeOrNull.describe('When it opened; null: it is closed.'),
  openUntil: timeOrNull.describe('From when on calls are tried again; null: it is closed.'),
  missing: count.describe('Calls that must still go well to close it; 0: it is closed.'),
  openings: count.describe('How often it has opened since the server began to watch it.'),
}).meta({ id: 'BreakerReport' });

export type BreakerReport = z.output<typeof breakerReport>;
