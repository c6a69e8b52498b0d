/** Where secrets stand in a value: their values are not in it. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { count } from './scalar.ts';

export const secretReferences = z.array(
  strict({
    path: z.array(z.union([z.string(), z.number()])),
    at: count.describe('Where its placeholder begins in the text, in UTF-16 code units.'),
    name: z.string(),
    form: z.string().exactOptional().describe('How its value was written there; absent: as it is.'),
  }).meta({ id: 'SecretReference' }),
);
