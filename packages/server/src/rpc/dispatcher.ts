/**
 * From the text of a message to the text of its answer; every transport goes through here.
 *
 * 1. A message that is not a valid notification, or a batch of those, is always answered.
 * 2. Nothing that was thrown leaves the process: the caller gets a log id, the log the rest.
 * 3. A batch is answered as an array, also when only one of it has an answer.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from '@coppice/engine';
import { isMethodName, methods, suggest, violationsOf } from '@coppice/protocol';
import type { MethodName, MethodSpec, RpcFailure, RpcId, RpcRequest, RpcResponse } from '@coppice/protocol';
import { JSONRPCServer } from 'json-rpc-2.0';
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import { refuse, shorten } from './answer.ts';
import type { Answer, Refusal } from './answer.ts';
import type { CallContext, Caller } from './caller.ts';
import { parseMessage } from './parse-message.ts';
import { gate, toFailure } from './request-gate.ts';
import type { Implementations } from './services.ts';

/** Limits on messages; each refuses with `limit/refused`. */
export interface MessageLimits {
  readonly batchSize: number;
  readonly jsonDepth: number;
  /** Requests of all connections that may be unanswered at once. */
  readonly requestsInFlight: number;
}

export interface DispatcherOptions {
  readonly methods: Implementations;
  readonly limits: MessageLimits;
  readonly logger: Logger;
  /** Aborted when the server stops: new requests are refused. */
  readonly stopping: AbortSignal;
}

export interface Reply {
  /** The answer; undefined: none is due. */
  readonly text: string | undefined;
  /** To be called once the answer was handed to the connection: what must follow it may go. */
  readonly sent: () => void;
}

export interface Dispatcher {
  /** Answers one message. Never throws. */
  receive(text: string, caller: Caller): Promise<Reply>;
  /** The text of a refusal that belongs to no request. */
  refusal(refusal: Refusal): string;
}

/** When to try again after too many requests, ms. */
const BUSY_RETRY_MS = 1000;

const STOPPING: Refusal = {
  code: 'limit/refused',
  message: 'The server stops; try again when it is up.',
  data: { retryAfterMs: BUSY_RETRY_MS },
};

type Implementation = (params: unknown, context: CallContext) => Answer<unknown> | Promise<Answer<unknown>>;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { methods: implementations, limits, logger, stopping } = options;
  const rpc = new JSONRPCServer<CallContext>({
    errorListener: (message, error) => logger.error({ err: error }, message),
  });
  for (const [name, implementation] of Object.entries(implementations)) {
    if (isMethodName(name)) {
      rpc.addMethodAdvanced(name, rpcMethod(name, implementation as Implementation, logger));
    }
  }
  const names = Object.keys(implementations);
  let inFlight = 0;

  async function answerOne(value: unknown, context: CallContext): Promise<RpcResponse | null> {
    const gated = gate(value);
    if ('failure' in gated) return gated.failure;
    const { request } = gated;
    if (stopping.aborted) return refuseRequest(request, STOPPING);
    if (inFlight >= limits.requestsInFlight) {
      return refuseRequest(request, busy(limits.requestsInFlight));
    }
    if (!rpc.hasMethod(request.method)) return refuseRequest(request, unknownMethod(request.method, names));
    inFlight += 1;
    try {
      return (await rpc.receive(request, context)) as RpcResponse | null;
    } finally {
      inFlight -= 1;
    }
  }

  async function answerText(text: string, context: CallContext): Promise<string | undefined> {
    const parsed = parseMessage(text, limits.jsonDepth);
    if (!parsed.ok) return JSON.stringify(toFailure(null, parsed.rejection));
    const { value } = parsed;
    if (!Array.isArray(value)) return serialise(await answerOne(value, context), logger);
    const refusal = batchRefusal(value, limits.batchSize);
    if (refusal !== undefined) return JSON.stringify(toFailure(null, refusal));
    const answers = await Promise.all(value.map((member: unknown) => answerOne(member, context)));
    const texts = answers.map((one) => serialise(one, logger)).filter((one) => one !== undefined);
    return texts.length === 0 ? undefined : `[${texts.join(',')}]`;
  }

  return {
    receive: async (text, caller) => {
      let sent = (): void => {};
      const answered = new Promise<void>((resolve) => (sent = resolve));
      return { text: await answerText(text, { ...caller, answered }), sent };
    },
    refusal: (refusal) => JSON.stringify(toFailure(null, refusal)),
  };
}

/** Validates params, runs the implementation, and answers its value or refusal. */
function rpcMethod(name: MethodName, implementation: Implementation, logger: Logger) {
  const { params }: MethodSpec = methods[name];
  return async (request: JSONRPCRequest, context: CallContext): Promise<JSONRPCResponse | null> => {
    const id = request.id ?? null;
    const given: unknown = request.params ?? {};
    let response: RpcResponse;
    try {
      const parsed = params.safeParse(given);
      if (parsed.success) {
        const outcome = await implementation(parsed.data, context);
        response = outcome.ok
          ? ({ jsonrpc: '2.0', id, result: outcome.value } as RpcResponse)
          : toFailure(id, outcome.rejection);
      } else {
        const errors = violationsOf(parsed.error, given);
        response = toFailure(
          id,
          refuse('rpc/invalid-params', invalidParams(name, errors.length), { errors }).rejection,
        );
      }
    } catch (error) {
      response = ownFault(id, { error, method: name, logger });
    }
    return request.id === undefined ? null : response;
  };
}

function invalidParams(name: string, count: number): string {
  return `${count === 1 ? 'One violation' : `${count} violations`} in the params of ${name}; data.errors lists all.`;
}

interface Fault {
  readonly error: unknown;
  readonly method?: string;
  readonly logger: Logger;
}

/** Our fault: the caller gets an id to name, the log gets the error. */
function ownFault(id: RpcId, { error, method, logger }: Fault): RpcFailure {
  const logId = randomUUID();
  logger.error({ logId, method, err: error }, 'a request failed by a fault of the server');
  return toFailure(
    id,
    refuse('rpc/internal', 'Internal error; the server log has more under data.logId.', { data: { logId } }).rejection,
  );
}

function serialise(response: RpcResponse | null, logger: Logger): string | undefined {
  if (response === null) return undefined;
  try {
    return JSON.stringify(response);
  } catch (error) {
    return JSON.stringify(ownFault(response.id, { error, logger }));
  }
}

/** Notifications are not answered, not even with a refusal. */
function refuseRequest({ id }: RpcRequest, refusal: Refusal): RpcFailure | null {
  return id === undefined ? null : toFailure(id, refusal);
}

function busy(limit: number): Refusal {
  return refuse('limit/refused', `The server is working on ${limit} requests already.`, {
    data: { limit, retryAfterMs: BUSY_RETRY_MS },
  }).rejection;
}

function unknownMethod(method: string, names: readonly string[]): Refusal {
  const suggestion = suggest(shorten(method), names);
  const hint = suggestion === undefined ? 'rpc.discover lists all.' : `Did you mean "${suggestion}"?`;
  return refuse('rpc/unknown-method', `There is no method "${shorten(method)}". ${hint}`, {
    data: suggestion === undefined ? {} : { suggestion },
  }).rejection;
}

function batchRefusal(batch: readonly unknown[], max: number): Refusal | undefined {
  if (batch.length === 0) return refuse('rpc/invalid-request', 'A batch holds at least one request.').rejection;
  if (batch.length <= max) return undefined;
  return refuse('limit/refused', `A batch holds at most ${max} requests; this one has ${batch.length}.`, {
    data: { limit: max },
  }).rejection;
}
