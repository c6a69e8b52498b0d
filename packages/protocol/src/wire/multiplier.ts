/** Multiplied tasks on the wire: the fields that a submission has, and how an event keeps them. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';
import { cutPart } from './cut-part.ts';
import { json, jsonObject } from './json.ts';
import { name } from './scalar.ts';
import { secretReferences } from './secret-reference.ts';

const repeat = strict({
  while: z
    .string()
    .describe('CEL, asked before each copy; it reads `last` and `index`. Default: always true.')
    .exactOptional(),
  until: z.string().describe('CEL, asked after each copy. Default: never true.').exactOptional(),
  max: z.number().describe('Copies at most, from 1.'),
  delayMs: z
    .number()
    .describe('Time between the end of a copy and the start of the next, ms. Default 0.')
    .exactOptional(),
  onLimit: z
    .enum(['fail', 'complete'])
    .describe('What becomes of the task when `max` copies have run and a condition would go on. Default fail.')
    .exactOptional(),
  onFailure: z
    .enum(['stop', 'continue'])
    .describe(
      '`continue`: a copy that fails does not end the repetition, the next one sees it as `last`. Default stop.',
    )
    .exactOptional(),
}).meta({ id: 'RepeatPolicy' });

/** Exactly one of the first three multiplies the task. */
export const multiplierFields = {
  forEach: json
    .optional()
    .describe(
      'One copy of the task for each item of this list, all at once: a list, an object (its `{ key, value }` pairs), or an expression. Expressions read `item` and `index`.',
    ),
  matrix: jsonObject
    .optional()
    .describe(
      'One copy for each combination of the values of these lists. `exclude` and `include` are lists of combinations.',
    ),
  repeat: repeat.optional().describe('Copies one after the other; each reads how the former ended as `last`.'),
  as: name.optional().describe('Name under which expressions read the item. Default `item`.'),
  label: z.string().optional().describe('Names of the copies; may hold `${{ expression }}`.'),
};

/** How a definition keeps it. */
export const multiplier = strict({
  forEach: json.exactOptional(),
  matrix: jsonObject.exactOptional(),
  repeat: repeat.exactOptional(),
  as: z.string().exactOptional(),
  label: z.string().exactOptional(),
  body: z
    .array(jsonObject)
    .describe(
      'Definitions of what a copy is made of: the task itself first, then what is below it. Ids link only these.',
    ),
}).meta({ id: 'Multiplier', description: 'Makes the members of a group when it opens: copies of its body.' });

export const given = strict({
  values: jsonObject,
  secrets: secretReferences.exactOptional(),
  cut: z.array(cutPart).exactOptional().describe('Texts of `last.output` that are not whole, by their path in it.'),
}).meta({
  id: 'Given',
  description: 'What the expressions of a copy, and of what is below it, read by name.',
});
