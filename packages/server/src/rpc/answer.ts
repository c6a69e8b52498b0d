/** What a method answers: a value or a refusal. Refusals are returned; what is thrown is a fault of ours. */
import type { RefusedOutcome, Violation } from '@coppice/core';
import { ERRORS, errorNumber } from '@coppice/protocol';
import type { ErrorCode, Json, ParamViolation, RpcError } from '@coppice/protocol';

/** Why a request was refused; a superset of the engine's rejections. */
export interface Refusal {
  readonly code: ErrorCode;
  /** A sentence for people. It may hold nothing that the caller must not see. */
  readonly message: string;
  readonly errors?: readonly (Violation | ParamViolation)[];
  /** Evidence by name: `path`, `hint`, `retryAfterMs`, … */
  readonly data?: Readonly<Record<string, Json>>;
}

export type Answer<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly rejection: Refusal } | RefusedOutcome;

export function answer<Value>(value: Value): Answer<Value> {
  return { ok: true, value };
}

export function refuse(
  code: ErrorCode,
  message: string,
  more: Omit<Refusal, 'code' | 'message'> = {},
): { readonly ok: false; readonly rejection: Refusal } {
  return { ok: false, rejection: { code, message, ...more } };
}

/** The same answer for "there is none" and "not yours": nobody learns of others' tasks. */
export function refuseUnknown(what: 'task' | 'tree', id: string): ReturnType<typeof refuse> {
  return refuse('task/not-found', `There is no ${what} "${shorten(id)}".`);
}

/** The `error` member of a JSON-RPC answer. */
export function toRpcError({ code, message, errors, data }: Refusal): RpcError {
  return {
    code: errorNumber(code),
    message: message === '' ? ERRORS[code].meaning : message,
    data: { ...data, code, ...(errors === undefined ? {} : { errors: errors.map((one) => ({ ...one })) as Json[] }) },
  };
}

/** The refusal of one of several, as a part of an answer. */
export interface ItemRefusal {
  readonly code: string;
  readonly message: string;
  readonly data?: Record<string, Json>;
}

export function refusalItem(refusal: Refusal): ItemRefusal {
  const { message, data } = toRpcError(refusal);
  const { code, ...evidence } = data;
  return Object.keys(evidence).length === 0 ? { code, message } : { code, message, data: evidence };
}

const SHOWN_LENGTH_MAX = 100;

/** A caller's own text, short enough to be shown back. */
export function shorten(text: string): string {
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX).toWellFormed()}…` : text;
}
