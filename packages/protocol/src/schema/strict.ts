/** Objects that refuse unknown fields and say which known one was probably meant. */
import * as z from 'zod';
import { suggest } from './suggest.ts';

/** Longest part of an unknown name that is shown back. */
const SHOWN_NAME_LENGTH_MAX = 64;

/** Between the sentences of several unknown fields of one object; `violations.ts` takes them apart. */
export const UNKNOWN_FIELDS_SEPARATOR = '\n';

/** A strict object schema: an unknown field is a violation with a suggestion. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => unknownField(name, Object.keys(shape))).join(UNKNOWN_FIELDS_SEPARATOR)
        : undefined,
  });
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
