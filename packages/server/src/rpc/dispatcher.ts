/**
 * From the text of a message to the text of its answer; every transport goes through here.
 *
 * 1. A message that is not a valid notification, or a batch of those, is always answered.
 * 2. Nothing that was thrown leaves the process: the caller gets a log id, the log the rest.
 * 3. A batch is answered as an array, also when only one of it has an answer.
 */
import { randomUUID } from 'node:crypto';
import { TransientError } from '@coppice/core';
import type { Logger } from '@coppice/engine';
import { METHOD_NAMES, methods, salvage, suggest, VIOLATIONS_MAX, violationsOf } from '@coppice/protocol';
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
import type { ShapeLimits } from './parse-message.ts';
import { gate, toFailure } from './request-gate.ts';
import type { Check, Checks, Implementations } from './services.ts';
import { Turns } from './turns.ts';

/** Limits on messages; each refuses with `limit/refused`. */
export interface MessageLimits extends ShapeLimits {
  readonly batchSize: number;
  /** Characters of all answers to one batch. */
  readonly batchAnswerLength: number;
  /** Requests of all connections that may be unanswered at once. */
  readonly requestsInFlight: number;
}

export interface DispatcherOptions {
  readonly methods: Implementations;
  /** What is wrong with the meaning of params whose form is wrong, too. */
  readonly checks: Checks;
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
  /** Waits until all that a user has sent before has had its turn. */
  begun(caller: Caller): Awaitable<void>;
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
  readonly check: Check | undefined;
}

export function createDispatcher({ methods: given, checks, limits, logger, stopping }: DispatcherOptions): Dispatcher {
  const callables = callablesOf(given, checks);
  const turns = new Turns();
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
    if (stopping.aborted) return refuseRequest(request, STOPPING);
    if (inFlight >= limits.requestsInFlight) return refuseRequest(request, busy(limits.requestsInFlight));
    const callable = callables.get(request.method);
    if (callable === undefined) return refuseRequest(request, unknownMethod(request.method, [...callables.keys()]));
    const response = call(callable, request, { context, logger, faults });
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
    const parsed = parseMessage(text, limits);
    if (!parsed.ok) return JSON.stringify(toFailure(null, parsed.rejection));
    const { value, faults } = parsed;
    const { userId } = context.principal;
    if (!Array.isArray(value)) {
      const response = answerOne(value, context, faults);
      if (!(response instanceof Promise)) return serialise(response, logger);
      return response.then((later) => turns.run(userId, () => serialise(later, logger)));
    }
    const refusal = batchRefusal(value, limits.batchSize);
    if (refusal !== undefined) return JSON.stringify(toFailure(null, refusal));
    // All are begun before the first is waited for; where they take long, each in a turn of its own.
    const begun = value.map((member: unknown, index) =>
      turns.run(userId, () => answerOne(member, context, within(faults, index))),
    );
    if (begun.some((response) => response instanceof Promise)) {
      return Promise.all(begun.map((response) => Promise.resolve(response))).then((responses) =>
        turns.run(userId, () => batchText(responses, limits, logger)),
      );
    }
    return batchText(begun as (RpcResponse | null)[], limits, logger);
  }

  return {
    receive: (text, caller) => {
      const context = new MessageContext(caller);
      const sent = (): void => context.sent();
      const answer =
        turns.waiting < limits.requestsInFlight
          ? turns.run(caller.principal.userId, () => answerText(text, context))
          : JSON.stringify(toFailure(null, busy(limits.requestsInFlight)));
      return map(answer, (answered) => ({ text: answered, sent }));
    },
    begun: ({ principal }) => turns.run(principal.userId, () => undefined),
    refusal: (refusal) => JSON.stringify(toFailure(null, refusal)),
  };
}

function map<From, To>(
  value: Awaitable<From>,
  change: (value: From) => To,
  failed?: (error: unknown) => To,
): Awaitable<To> {
  return value instanceof Promise ? value.then(change).catch(failed) : change(value);
}

function callablesOf(implementations: Implementations, checks: Checks): ReadonlyMap<string, Callable> {
  const names = METHOD_NAMES.filter((name) => Object.hasOwn(implementations, name));
  return new Map(
    names.map((name) => {
      const { params }: MethodSpec = methods[name];
      return [name, { name, params, run: implementations[name] as Callable['run'], check: checks[name] }];
    }),
  );
}

interface Call {
  readonly context: CallContext;
  readonly logger: Logger;
  readonly faults: readonly ParamViolation[];
}

/** Validates params, runs the implementation, and answers its value or refusal. Neither throws nor rejects. */
function call(callable: Callable, request: RpcRequest, { context, logger, faults }: Call): Awaitable<RpcResponse> {
  const { name, params, run } = callable;
  const id = request.id ?? null;
  const given: unknown = request.params ?? {};
  const fault = (error: unknown): RpcFailure =>
    isStopped(error) ? toFailure(id, STOPPING) : ownFault(id, { error, method: name, logger });
  try {
    const parsed = params.safeParse(given);
    if (!parsed.success || faults.length > 0) {
      const violations = parsed.success ? [] : violationsOf(parsed.error, given);
      const all = [...faults.map(withinParams), ...violations];
      const refused = refuseParams(callable, { given, context, violations: all });
      return map(refused, (refusal) => toFailure(id, refusal), fault);
    }
    const outcome = run(parsed.data, context);
    return map(outcome, (later) => toResponse(id, later), fault);
  } catch (error) {
    return fault(error);
  }
}

function withinParams(fault: ParamViolation): ParamViolation {
  return { ...fault, path: fault.path.slice(1) };
}

interface Malformed {
  readonly given: unknown;
  readonly context: CallContext;
  readonly violations: readonly ParamViolation[];
}

/** All that is wrong: the form of the params, and the meaning of what can be understood of them. */
function refuseParams(
  { name, params, check }: Callable,
  { given, context, violations }: Malformed,
): Awaitable<Refusal> {
  const refusal = (errors: Refusal['errors'] = []): Refusal =>
    refuse('rpc/invalid-params', invalidParams(name, errors.length), { errors }).rejection;
  const rest = check === undefined ? undefined : salvage(params, given, violations);
  if (check === undefined || rest === undefined) return refusal(violations);
  return check(rest.value, context).then((more) => {
    const located = more.flatMap((found) => {
      const path = rest.originOf(found.path);
      return path === undefined ? [] : [{ ...found, path }];
    });
    return refusal([...violations, ...located]);
  });
}

function toResponse(id: RpcId, outcome: Answer<unknown>): RpcResponse {
  if (!outcome.ok) return toFailure(id, outcome.rejection);
  return { jsonrpc: '2.0', id, result: outcome.value } as RpcResponse;
}

/** Answers that would make the whole too long are replaced by refusals. */
function batchText(
  responses: readonly (RpcResponse | null)[],
  { batchAnswerLength }: MessageLimits,
  logger: Logger,
): string | undefined {
  const texts: string[] = [];
  let length = 0;
  for (const response of responses) {
    const text = length > batchAnswerLength ? tooLong(response, batchAnswerLength) : serialise(response, logger);
    if (text === undefined) continue;
    length += text.length;
    texts.push(text);
  }
  return texts.length === 0 ? undefined : `[${texts.join(',')}]`;
}

function tooLong(response: RpcResponse | null, limit: number): string | undefined {
  if (response === null) return undefined;
  const message = `The answers to this batch are longer than ${limit} characters; ask in smaller batches.`;
  return JSON.stringify(toFailure(response.id, refuse('limit/refused', message, { data: { limit } }).rejection));
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

function invalidParams(name: string, count: number): string {
  if (count > VIOLATIONS_MAX)
    return `More than ${VIOLATIONS_MAX} violations in the params of ${name}; data.errors lists the first.`;
  return `${count === 1 ? 'One violation' : `${count} violations`} in the params of ${name}; data.errors lists all.`;
}

interface Fault {
  readonly error: unknown;
  readonly method?: string;
  readonly logger: Logger;
}

/** A request that was waiting when the server stopped. */
function isStopped(error: unknown): boolean {
  return TransientError.is(error) && error.code === 'engine/stopped';
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
