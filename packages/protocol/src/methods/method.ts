/** What a method is: its schemas, the errors it may answer, and words for the reference. */
import type * as z from 'zod';
import type { ErrorCode } from '../errors.ts';

export interface MethodSpec<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  /** One line. */
  readonly summary: string;
  /** What the line can not hold: order, idempotency, side effects. */
  readonly description?: string;
  /** Always an object; by-position params are refused. */
  readonly params: Params;
  readonly result: Result;
  /** Refusals of its own; `ANY_METHOD_ERRORS` come on top. */
  readonly errors: readonly ErrorCode[];
  /** Valid params and a possible result. */
  readonly example: { readonly params: z.input<Params>; readonly result: z.input<Result> };
}

/** Errors that every method may answer. */
export const ANY_METHOD_ERRORS: readonly ErrorCode[] = [
  'rpc/invalid-params',
  'auth/unauthorized',
  'limit/refused',
  'rpc/internal',
];

/** Fixes the types of one method. */
export function method<Params extends z.ZodType, Result extends z.ZodType>(
  spec: MethodSpec<Params, Result>,
): MethodSpec<Params, Result> {
  return spec;
}
