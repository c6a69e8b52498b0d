/** The text of the answer to a batch, made piece by piece: where that takes long, each in a turn of its own. */
import type { RpcResponse } from '@coppice/protocol';
import { refuse } from './answer.ts';
import type { Awaitable } from './awaitable.ts';
import { toFailure } from './request-gate.ts';

type Member = RpcResponse | null;

/** Characters that are written in one turn. */
const PIECE_LENGTH = 65_536;

export interface BatchWriterOptions {
  /** Characters of all answers; one that comes after them is replaced by a refusal. */
  readonly lengthMax: number;
  readonly serialise: (response: Member) => string | undefined;
  /** Calls it now, or in a later turn. */
  readonly inTurn: (piece: () => void) => Awaitable<void>;
}

/** A function that writes the answer. It answers undefined when none of the members has one. */
export function batchWriter({ lengthMax, serialise, inTurn }: BatchWriterOptions) {
  return (responses: readonly Member[]): Awaitable<string | undefined> => {
    const texts: string[] = [];
    let length = 0;
    const add = (response: Member): void => {
      const text = length > lengthMax ? tooLong(response, lengthMax) : serialise(response);
      if (text === undefined) return;
      length += text.length;
      texts.push(text);
    };
    let next = 0;
    const addPiece = (): void => {
      for (const end = length + PIECE_LENGTH; next < responses.length && length < end; next++)
        add(responses[next] as Member);
    };
    const addRest = (): Awaitable<string | undefined> => {
      while (next < responses.length) {
        const added = inTurn(addPiece);
        if (added instanceof Promise) return added.then(addRest);
      }
      return texts.length === 0 ? undefined : `[${texts.join(',')}]`;
    };
    return addRest();
  };
}

function tooLong(response: Member, lengthMax: number): string | undefined {
  if (response === null) return undefined;
  const message = `The answers to this batch are longer than ${lengthMax} characters; ask in smaller batches.`;
  return JSON.stringify(
    toFailure(response.id, refuse('limit/refused', message, { data: { limit: lengthMax } }).rejection),
  );
}
