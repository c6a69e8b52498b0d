/** From the text of a message to the text of its answer. Each long step takes a turn of its own: reading, each member, each answer. */
import type { Logger } from '@coppice/engine';
import type { ParamViolation, RpcResponse } from '@coppice/protocol';
import { refuse } from './answer.ts';
import type { Refusal } from './answer.ts';
import { map } from './awaitable.ts';
import type { Awaitable } from './awaitable.ts';
import { batchWriter } from './batch-text.ts';
import type { MessageContext } from './caller.ts';
import type { MessageLimits } from './dispatcher.ts';
import { ownFault } from './own-fault.ts';
import { parseMessage } from './parse-message.ts';
import type { ParseAnswer } from './parse-message.ts';
import { busy, toFailure } from './request-gate.ts';
import type { Turns } from './turns.ts';

export interface MessageAnswererOptions {
  readonly turns: Turns;
  readonly limits: MessageLimits;
  readonly logger: Logger;
  /** Answers a message that is no batch, or a member of one; null: no answer is due. */
  readonly answerOne: (
    value: unknown,
    context: MessageContext,
    faults: readonly ParamViolation[],
  ) => Awaitable<RpcResponse | null>;
}

/** A function that answers messages; undefined: no answer is due. */
export function messageAnswerer({ turns, limits, logger, answerOne }: MessageAnswererOptions) {
  const inTurn = <Value>({ principal }: MessageContext, piece: () => Awaitable<Value>): Awaitable<Value> =>
    turns.run(principal.userId, piece);
  const write = (response: RpcResponse | null): string | undefined => serialise(response, logger);

  function answerBatch(
    batch: readonly unknown[],
    context: MessageContext,
    faults: readonly ParamViolation[],
  ): Awaitable<string | undefined> {
    const refusal = batchRefusal(batch, limits.batchSize);
    if (refusal !== undefined) return JSON.stringify(toFailure(null, refusal));
    // All are begun before the first is waited for.
    const begun = batch.map((member, index) =>
      inTurn(context, () => answerOne(member, context, within(faults, index))),
    );
    const writeAll = batchWriter({
      lengthMax: limits.batchAnswerLength,
      serialise: write,
      inTurn: (piece) => inTurn(context, piece),
    });
    return begun.some((response) => response instanceof Promise)
      ? Promise.all(begun.map((response) => Promise.resolve(response))).then(writeAll)
      : writeAll(begun as (RpcResponse | null)[]);
  }

  /** Messages that wait to be read. */
  let unread = 0;
  const read = (text: string, context: MessageContext): Awaitable<ParseAnswer> => {
    unread += 1;
    return inTurn(context, () => {
      unread -= 1;
      return parseMessage(text, limits);
    });
  };

  return (text: string, context: MessageContext): Awaitable<string | undefined> => {
    if (unread >= limits.requestsInFlight) return JSON.stringify(toFailure(null, busy(limits.requestsInFlight)));
    return map(read(text, context), (parsed) => {
      if (!parsed.ok) return JSON.stringify(toFailure(null, parsed.rejection));
      const { value, faults } = parsed;
      if (Array.isArray(value)) return answerBatch(value, context, faults);
      const response = inTurn(context, () => answerOne(value, context, faults));
      return response instanceof Promise
        ? response.then((later) => inTurn(context, () => write(later)))
        : write(response);
    });
  };
}

/** The faults of one member of a batch. */
function within(faults: readonly ParamViolation[], index: number): readonly ParamViolation[] {
  if (faults.length === 0) return faults;
  return faults.filter(({ path }) => path[0] === index).map((fault) => ({ ...fault, path: fault.path.slice(1) }));
}

function batchRefusal(batch: readonly unknown[], max: number): Refusal | undefined {
  if (batch.length === 0) return refuse('rpc/invalid-request', 'A batch holds at least one request.').rejection;
  if (batch.length <= max) return undefined;
  return refuse('limit/refused', `A batch holds at most ${max} requests; this one has ${batch.length}.`, {
    data: { limit: max },
  }).rejection;
}

function serialise(response: RpcResponse | null, logger: Logger): string | undefined {
  if (response === null) return undefined;
  try {
    return JSON.stringify(response);
  } catch (error) {
    return JSON.stringify(ownFault(response.id, { error, logger }));
  }
}
