/** The border of JSON-RPC: which JSON is a request, before anything looks at its method. */
import { CLIENT_FACES } from '@coppice/protocol';
import type { ParamViolation, RpcFailure, RpcId, RpcRequest } from '@coppice/protocol';
import { refuse, toRpcError } from './answer.ts';
import type { Refusal } from './answer.ts';

/** A request, or the answer that refuses what is none. */
export type GateAnswer = { readonly request: RpcRequest } | { readonly failure: RpcFailure };

const FACES: ReadonlySet<unknown> = new Set(CLIENT_FACES);

/** Checks one member of a batch, or a single message; `faults` are those of its values that can not be taken over unchanged. */
export function gate(value: unknown, faults: readonly ParamViolation[]): GateAnswer {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failed(null, 'A request is a JSON object.');
  }
  const message = value as Readonly<Record<string, unknown>>;
  const { id, jsonrpc, method, params, face } = message;
  const outside = faults.find(({ path }) => path[0] !== 'params');
  if (outside !== undefined) return failed(null, `"${outside.path.join('.')}": ${outside.reason}.`);
  if (id !== undefined && !isLegalId(id)) return failed(null, '"id" is a string, a number or null.');
  const legalId = id ?? null;
  if (jsonrpc !== '2.0') return failed(legalId, '"jsonrpc" must be "2.0".');
  if ('result' in message || 'error' in message) return failed(legalId, 'This is an answer, not a request.');
  if (typeof method !== 'string') return failed(legalId, '"method" must be a string.');
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return failed(legalId, '"params" must be an object.');
  }
  if (face !== undefined && !FACES.has(face))
    return failed(legalId, `"face" must be one of ${CLIENT_FACES.join(', ')}.`);
  return { request: message as unknown as RpcRequest };
}

/** The JSON-RPC answer of a refusal. */
export function toFailure(id: RpcId, refusal: Refusal): RpcFailure {
  return { jsonrpc: '2.0', id, error: toRpcError(refusal) };
}

function failed(id: RpcId, message: string): GateAnswer {
  return { failure: toFailure(id, refuse('rpc/invalid-request', message).rejection) };
}

function isLegalId(id: unknown): id is RpcId {
  return typeof id === 'string' || typeof id === 'number' || id === null;
}

/** When to try again after too many requests, ms. */
export const BUSY_RETRY_MS = 1000;

export function busy(limit: number): Refusal {
  return refuse('limit/refused', `The server is working on ${limit} requests already.`, {
    data: { limit, retryAfterMs: BUSY_RETRY_MS },
  }).rejection;
}
