/** Which part of a history is asked for. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { seq } from './scalar.ts';

const HISTORY_MAX = 1000;

export const historyRange = strict({
  afterSeq: seq.default(0).describe('Only later ones. Default 0.'),
  limit: z.int().min(1).max(HISTORY_MAX).default(100).describe('Default 100.'),
});
