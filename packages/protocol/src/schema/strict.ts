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
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownFields(issue.keys, shape) : undefined),
  });
}

function unknownFields(names: readonly string[], shape: z.ZodRawShape): string {
  const known = Object.keys(shape);
  const named = names.slice(0, NAMED_MAX).map((name) => {
    const holders = known.filter((field) => hasField(shape[field] as z.core.$ZodType, name));
    if (holders.length === 0) return unknownField(name, known);
    return `unknown field "${name}": it belongs in ${holders.map((field) => `"${field}"`).join(' or ')}`;
  });
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

/** True when an object in this place has the field, or had it if a duration were written out. */
function hasField(schema: z.core.$ZodType, name: string): boolean {
  if (schema instanceof z.ZodObject) return [name, `${name}Ms`].some((field) => Object.hasOwn(schema.shape, field));
  return schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional
    ? hasField(schema.unwrap(), name)
    : false;
}
