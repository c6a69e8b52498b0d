/** How often something may start. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';

/** Longest time of a rate, ms: a year. */
const PER_MS_MAX = 366 * 86_400_000;
const COUNT_MAX = 1_000_000_000;

const starts = z.int().min(1).max(COUNT_MAX);

export const rate = strict({
  count: starts.describe('How many may start in each `perMs`.'),
  perMs: z.int().min(1).max(PER_MS_MAX).exactOptional().describe('The time that `count` is for, ms. Default 1000.'),
  burst: starts.exactOptional().describe('How many may start at once after a quiet time. Default: as many as `count`.'),
}).meta({ id: 'Rate', description: 'So many starts in a time.' });
