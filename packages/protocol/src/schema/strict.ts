/** Objects that refuse unknown fields and say which known one was probably meant. */
import * as z from 'zod';
import { suggest } from './suggest.ts';

/** Longest part of an unknown name that is shown back. */
const SHOWN_NAME_LENGTH_MAX = 64;

/** Unknown fields of one object that are named; the rest is only counted. */
const NAMED_MAX = 100;

/** Between the sentences of several unknown fields of one object; `violations.ts` takes them apart. */
export const UNKNOWN_FIELDS_SEPARATOR = '\n';

/** A strict object schema: an unknown field is a violation with a suggestion. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownFields(issue.keys, Object.keys(shape)) : undefined),
  });
}

function unknownFields(names: readonly string[], known: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX).map((name) => unknownField(name, known));
  return named.join(UNKNOWN_FIELDS_SEPARATOR);
}

/** The sentence for one unknown field. */
export function unknownField(name: string, known: readonly string[]): string {
  const short = name.length > SHOWN_NAME_LENGTH_MAX ? `${name.slice(0, SHOWN_NAME_LENGTH_MAX).toWellFormed()}…` : name;
  const shown = short.replaceAll(UNKNOWN_FIELDS_SEPARATOR, ' ');
  const meant = suggest(shown, known);
  if (meant !== undefined) return `unknown field "${shown}": did you mean "${meant}"?`;
  return known.length === 0
    ? `unknown field "${shown}": no fields are allowed here`
    : `unknown field "${shown}": allowed are ${known.join(', ')}`;
}
