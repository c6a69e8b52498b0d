/**
 * From the text of a message to the text of its answer; every transport goes through here.
 *
 * 1. A message that is not a valid notification, or a batch of those, is always answered.
 * 2. Nothing that was thrown leaves the process: the caller gets a log id, the log the rest.
 * 3. A batch is answered as an array, also when only one of it has an answer.
 */
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
import { FaceContext, MessageContext } from './caller.ts';
import type { CallContext, Caller } from './caller.ts';
import { map } from './awaitable.ts';
import type { Awaitable } from './awaitable.ts';
import { messageAnswerer } from './answer-message.ts';
import { ownFault } from './own-fault.ts';
import type { ShapeLimits } from './parse-message.ts';
import { busy, BUSY_RETRY_MS, gate, toFailure } from './request-gate.ts';
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

export interface Dispatcher {
  /** Answers one message: at once, or when what it waits for has come. Neither throws nor rejects. */
  receive(text: string, caller: Caller): Awaitable<Reply>;
  /** Waits until all that a user has sent before has had its turn. */
  begun(caller: Caller): Awaitable<void>;
  /** The text of a refusal that belongs to no request. */
  refusal(refusal: Refusal): string;
}

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
    const { face } = request;
    const facing = face === undefined ? context : new FaceContext(context, face);
    const response = call(callable, request, { context: facing, logger, faults });
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

  const answerText = messageAnswerer({ turns, limits, logger, answerOne });

  return {
    receive: (text, caller) => {
      const context = new MessageContext(caller);
      const sent = (): void => context.sent();
      return map(answerText(text, context), (answered) => ({ text: answered, sent }));
    },
    begun: ({ principal }) => turns.run(principal.userId, () => undefined),
    refusal: (refusal) => JSON.stringify(toFailure(null, refusal)),
  };
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

interface MalformedCall {
  readonly given: unknown;
  readonly context: CallContext;
  readonly violations: readonly ParamViolation[];
}

/** All that is wrong: the form of the params, and the meaning of what can be understood of them. */
function refuseParams(
  { name, params, check }: Callable,
  { given, context, violations }: MalformedCall,
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

/** Nobody waits for the answer to a notification. */
function answerOf(request: RpcRequest, response: RpcResponse): RpcResponse | null {
  return request.id === undefined ? null : response;
}

function invalidParams(name: string, count: number): string {
  if (count > VIOLATIONS_MAX)
    return `More than ${VIOLATIONS_MAX} violations in the params of ${name}; data.errors lists the first.`;
  return `${count === 1 ? 'One violation' : `${count} violations`} in the params of ${name}; data.errors lists all.`;
}

/** A request that was waiting when the server stopped. */
function isStopped(error: unknown): boolean {
  return TransientError.is(error) && error.code === 'engine/stopped';
}

/** Notifications are not answered, not even with a refusal. */
function refuseRequest({ id }: RpcRequest, refusal: Refusal): RpcFailure | null {
  return id === undefined ? null : toFailure(id, refusal);
}

function unknownMethod(method: string, names: readonly string[]): Refusal {
  const suggestion = suggest(shorten(method), names);
  const hint = suggestion === undefined ? 'rpc.discover lists all.' : `Did you mean "${suggestion}"?`;
  return refuse('rpc/unknown-method', `There is no method "${shorten(method)}". ${hint}`, {
    data: suggestion === undefined ? {} : { suggestion },
  }).rejection;
}
