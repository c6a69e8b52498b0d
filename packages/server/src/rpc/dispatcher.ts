/**
 * From the text of a message to the text of its answer; every transport goes through here.
 *
 * 1. A message that is not a valid notification, or a batch of those, is always answered.
 * 2. Nothing that was thrown leaves the process: the caller gets a log id, the log the rest.
 * 3. A batch is answered as an array, also when only one of it has an answer.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from '@coppice/engine';
import { METHOD_NAMES, methods, suggest, violationsOf } from '@coppice/protocol';
import type {
  MethodName,
  MethodSpec,
  ParamViolation,
  RpcFailure,
  RpcId,
  RpcRequest,
  RpcResponse,
} from '@coppice/protocol';
import { refuse, shorten } from './answer.ts';
import type { Answer, Refusal } from './answer.ts';
import { MessageContext } from './caller.ts';
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

export type Awaitable<Value> = Value | Promise<Value>;

export interface Dispatcher {
  /** Answers one message: at once, or when what it waits for has come. Neither throws nor rejects. */
  receive(text: string, caller: Caller): Awaitable<Reply>;
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

/** A method as it is called: what it takes, and what does it. */
interface Callable {
  readonly name: MethodName;
  readonly params: MethodSpec['params'];
  readonly run: (params: unknown, context: CallContext) => Awaitable<Answer<unknown>>;
}

export function createDispatcher({ methods: given, limits, logger, stopping }: DispatcherOptions): Dispatcher {
  const callables = callablesOf(given);
  let inFlight = 0;

  /** At once where nothing has to be waited for: promises would be most of the cost of a small request. */
  function answerOne(
    value: unknown,
    context: CallContext,
    faults: readonly ParamViolation[],
  ): Awaitable<RpcResponse | null> {
    const gated = gate(value, faults);
    if ('failure' in gated) return gated.failure;
    const { request } = gated;
    if (faults.length > 0) return refuseRequest(request, unkeepable(request.method, faults));
    if (stopping.aborted) return refuseRequest(request, STOPPING);
    if (inFlight >= limits.requestsInFlight) return refuseRequest(request, busy(limits.requestsInFlight));
    const callable = callables.get(request.method);
    if (callable === undefined) return refuseRequest(request, unknownMethod(request.method, [...callables.keys()]));
    const response = call(callable, request, { context, logger });
    return response instanceof Promise ? whileInFlight(request, response) : answerOf(request, response);
  }

  async function whileInFlight(request: RpcRequest, response: Promise<RpcResponse>): Promise<RpcResponse | null> {
    inFlight += 1;
    try {
      return answerOf(request, await response);
    } finally {
      inFlight -= 1;
    }
  }

  function answerText(text: string, context: CallContext): Awaitable<string | undefined> {
    const parsed = parseMessage(text, limits.jsonDepth);
    if (!parsed.ok) return JSON.stringify(toFailure(null, parsed.rejection));
    const { value, faults } = parsed;
    if (!Array.isArray(value)) return map(answerOne(value, context, faults), (response) => serialise(response, logger));
    const refusal = batchRefusal(value, limits.batchSize);
    if (refusal !== undefined) return JSON.stringify(toFailure(null, refusal));
    // All are begun before the first is waited for.
    const begun = value.map((member: unknown, index) => answerOne(member, context, within(faults, index)));
    if (begun.some((response) => response instanceof Promise)) {
      return Promise.all(begun.map((response) => Promise.resolve(response))).then((responses) =>
        batchText(responses, logger),
      );
    }
    return batchText(begun as (RpcResponse | null)[], logger);
  }

  return {
    receive: (text, caller) => {
      const context = new MessageContext(caller);
      const sent = (): void => context.sent();
      return map(answerText(text, context), (answered) => ({ text: answered, sent }));
    },
    refusal: (refusal) => JSON.stringify(toFailure(null, refusal)),
  };
}

function map<From, To>(value: Awaitable<From>, change: (value: From) => To): Awaitable<To> {
  return value instanceof Promise ? value.then(change) : change(value);
}

function callablesOf(implementations: Implementations): ReadonlyMap<string, Callable> {
  const names = METHOD_NAMES.filter((name) => Object.hasOwn(implementations, name));
  return new Map(
    names.map((name) => {
      const { params }: MethodSpec = methods[name];
      return [name, { name, params, run: implementations[name] as Callable['run'] }];
    }),
  );
}

interface Call {
  readonly context: CallContext;
  readonly logger: Logger;
}

/** Validates params, runs the implementation, and answers its value or refusal. Neither throws nor rejects. */
function call({ name, params, run }: Callable, request: RpcRequest, { context, logger }: Call): Awaitable<RpcResponse> {
  const id = request.id ?? null;
  const given: unknown = request.params ?? {};
  const fault = (error: unknown): RpcFailure => ownFault(id, { error, method: name, logger });
  try {
    const parsed = params.safeParse(given);
    if (!parsed.success) {
      const errors = violationsOf(parsed.error, given);
      const message = invalidParams(name, errors.length);
      return toFailure(id, refuse('rpc/invalid-params', message, { errors }).rejection);
    }
    const outcome = run(parsed.data, context);
    return outcome instanceof Promise
      ? outcome.then((later) => toResponse(id, later)).catch(fault)
      : toResponse(id, outcome);
  } catch (error) {
    return fault(error);
  }
}

function toResponse(id: RpcId, outcome: Answer<unknown>): RpcResponse {
  if (!outcome.ok) return toFailure(id, outcome.rejection);
  return { jsonrpc: '2.0', id, result: outcome.value } as RpcResponse;
}

function batchText(responses: readonly (RpcResponse | null)[], logger: Logger): string | undefined {
  const texts = responses.map((response) => serialise(response, logger)).filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : `[${texts.join(',')}]`;
}

/** Nobody waits for the answer to a notification. */
function answerOf(request: RpcRequest, response: RpcResponse): RpcResponse | null {
  return request.id === undefined ? null : response;
}

/** The faults of one member of a batch. */
function within(faults: readonly ParamViolation[], index: number): readonly ParamViolation[] {
  if (faults.length === 0) return faults;
  return faults.filter(({ path }) => path[0] === index).map((fault) => ({ ...fault, path: fault.path.slice(1) }));
}

/** Refuses a request with values that would not be kept as they are. */
function unkeepable(method: string, faults: readonly ParamViolation[]): Refusal {
  const errors = faults.map((fault) => ({ ...fault, path: fault.path.slice(1) }));
  return refuse('rpc/invalid-params', invalidParams(shorten(method), errors.length), { errors }).rejection;
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
