/** JSON values as they travel. */
import * as z from 'zod';

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Any JSON value. What arrives was parsed from JSON, so presence is all there is to check; that also keeps deep values from being walked. */
export const json = z
  .unknown()
  .refine((value) => value !== undefined, { message: 'a value is required' })
  .meta({ description: 'Any JSON value.' }) as unknown as z.ZodType<Json, Json>;

/** A JSON object with any fields. What arrives is taken as it is: `z.record` would lose a field called `__proto__`. */
export const jsonObject = z
  .unknown()
  .check(({ value, issues }) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
    issues.push({ code: 'invalid_type', expected: 'record', input: value });
  })
  .meta({ type: 'object', additionalProperties: { description: 'Any JSON value.' } }) as unknown as z.ZodType<
  JsonObject,
  JsonObject
>;
