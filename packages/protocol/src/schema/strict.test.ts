import { expect, it } from 'vitest';
import * as z from 'zod';
import { strict } from './strict.ts';

const schema = strict({
  name: z.string(),
  wait: strict({ timeoutMs: z.number() }).optional(),
  policies: strict({ retry: z.string().exactOptional(), timeoutMs: z.number().optional() }).exactOptional(),
});

const reasonOf = (field: string): string | undefined =>
  schema.safeParse({ name: 'x', [field]: 1 }).error?.issues[0]?.message;

it.each([
  ['nmae', 'unknown field "nmae": did you mean "name"?'],
  ['retry', 'unknown field "retry": it belongs in "policies"'],
  ['timeout', 'unknown field "timeout": it belongs in "wait" or "policies"'],
  ['colour', 'unknown field "colour": allowed are name, wait, policies'],
  ['constructor', 'unknown field "constructor": allowed are name, wait, policies'],
])('says of the unknown field %s where it belongs, or what was meant', (field, reason) => {
  expect(reasonOf(field)).toBe(reason);
});
