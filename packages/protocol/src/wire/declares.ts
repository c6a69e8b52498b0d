/** What a tree says of its inputs and outputs: a subset of JSON Schema. */
import * as z from 'zod';
import { list, map } from '../schema/bounded.ts';
import { strict } from '../schema/strict.ts';
import { json } from './json.ts';

const scalar = {
  type: z
    .enum(['string', 'number', 'integer', 'boolean', 'array', 'object'])
    .exactOptional()
    .describe('Type of the value. Default any.'),
  enum: list(json).exactOptional().describe('The values that it can have.'),
  minimum: z.number().exactOptional().describe('Of a number.'),
  maximum: z.number().exactOptional().describe('Of a number.'),
  minLength: z.int().min(0).exactOptional().describe('Of a text, in characters.'),
  maxLength: z.int().min(0).exactOptional().describe('Of a text, in characters.'),
};

const inputDeclaration = strict({
  ...scalar,
  items: strict(scalar).exactOptional().describe('Of a list: what each item is.'),
  description: z.string().exactOptional().describe('For people.'),
  default: json.exactOptional().describe('The value when none is given.'),
  required: z
    .boolean()
    .exactOptional()
    .describe('true: it must be given when the run begins, unless it has a default. Default false.'),
}).meta({ id: 'InputDeclaration' });

const outputDeclaration = strict({
  value: json.describe(
    'What it is made from; may hold `${{ expression }}` over `deps`, `output`, `inputs` and `vars`.',
  ),
  description: z.string().exactOptional().describe('For people.'),
}).meta({ id: 'OutputDeclaration' });

export const declares = strict({
  inputs: map(inputDeclaration).exactOptional().describe('Inputs by name. Others than these are refused then.'),
  outputs: map(outputDeclaration).exactOptional().describe('Outputs by name, worked out when the run has completed.'),
}).meta({ id: 'Declares', description: 'What a tree says of its inputs and outputs.' });

export type InputDeclaration = z.output<typeof inputDeclaration>;

/** Fields and types of a declared input, in the order in which they are told. */
export const INPUT_DECLARATION_FIELDS: readonly string[] = Object.keys(inputDeclaration.shape);
export const INPUT_TYPES: readonly string[] = ['string', 'number', 'integer', 'boolean', 'array', 'object'];
