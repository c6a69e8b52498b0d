/** Texts of outputs that are not whole. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { count } from './scalar.ts';

export const cutPart = strict({
  path: z.array(z.union([z.string(), z.int()])).describe('Where it stands in the output; empty: it is the output.'),
  kept: z.enum(['head', 'tail']).describe('The end that is there.'),
  keptBytes: count,
  totalBytes: count,
  advice: z.string().exactOptional(),
  asked: z.boolean().exactOptional().describe('The task asked for this end: expressions may read it.'),
}).meta({ id: 'CutPart', description: 'A text of an output that is not whole.' });
