/** What a client's calls reject with: `RpcError` when the server refused, `ConnectionError` when it could not be asked. */

/** One thing that is wrong with the params of a refused call. */
export interface RpcViolation {
  /** Path into the params. */
  readonly path: readonly (string | number)[];
  readonly reason: string;
  readonly expected?: string;
  readonly actual?: unknown;
}

/** The `error` of a JSON-RPC answer. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const rpcBrand = Symbol.for('coppice.RpcError');
const connectionBrand = Symbol.for('coppice.ConnectionError');

/** The server's refusal of one call. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly [rpcBrand] = true;
  /** The JSON-RPC error number, e.g. -32001. */
  readonly number: number;
  /** The stable code, e.g. `task/not-found`; `rpc/unknown` if the server named none. */
  readonly code: string;
  readonly method: string;
  /** All violations, if the refusal lists them. */
  readonly errors: readonly RpcViolation[];
  /** All evidence, as it came. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(method: string, error: RpcErrorObject) {
    super(error.message);
    this.method = method;
    this.number = error.code;
    this.data = typeof error.data === 'object' && error.data !== null ? { ...error.data } : {};
    this.code = typeof this.data['code'] === 'string' ? this.data['code'] : 'rpc/unknown';
    this.errors = Array.isArray(this.data['errors']) ? (this.data['errors'] as readonly RpcViolation[]) : [];
  }

  /** The error object of the answer, as it came. */
  toJSON(): RpcErrorObject {
    return { code: this.number, message: this.message, data: this.data };
  }

  /** True for an RpcError of any loaded copy of this package. */
  static is(value: unknown): value is RpcError {
    return isBranded(value, rpcBrand);
  }
}

/**
 * - `connection/failed`: no connection could be made.
 * - `connection/lost`: it broke before the answer came; the call may have had its effect.
 * - `connection/timeout`: no answer in time; the call may have had its effect.
 * - `connection/closed`: the client was closed.
 */
export type ConnectionErrorCode = 'connection/failed' | 'connection/lost' | 'connection/timeout' | 'connection/closed';

/** The server could not be asked, or its answer did not arrive. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly [connectionBrand] = true;
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
  }

  /** True for a ConnectionError of any loaded copy of this package. */
  static is(value: unknown): value is ConnectionError {
    return isBranded(value, connectionBrand);
  }
}

function isBranded(value: unknown, brand: symbol): boolean {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
}
