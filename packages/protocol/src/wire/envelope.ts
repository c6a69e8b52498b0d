/** The frames of JSON-RPC 2.0. */
import type { ClientFace } from './actor.ts';
import type { ErrorCode } from '../errors.ts';
import type { Json, JsonObject } from './json.ts';

export type RpcId = string | number | null;

export interface RpcRequest {
  readonly jsonrpc: '2.0';
  /** Absent: a notification, which gets no answer. */
  readonly id?: RpcId;
  readonly method: string;
  readonly params?: JsonObject | readonly Json[];
  /** Where the request comes from; the events that it causes say so. Default `rpc`. Not part of JSON-RPC. */
  readonly face?: ClientFace;
}

/** `data` of every error: its code, and evidence. */
export interface RpcErrorData {
  readonly code: ErrorCode;
  readonly [evidence: string]: Json;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: RpcErrorData;
}

export interface RpcSuccess {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly result: Json;
}

export interface RpcFailure {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly error: RpcError;
}

export type RpcResponse = RpcSuccess | RpcFailure;
