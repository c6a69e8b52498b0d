/** A kind of attack: it sends a given number of requests and tells the tally what came back. */
import type { EventEmitter } from 'node:events';
import { METHOD_NAMES, methods } from '@coppice/protocol';
import { RICH_REQUESTS } from '@coppice/testkit/hostile';
import * as fc from 'fast-check';
import { Pool } from 'undici';
import type { Tally } from './tally.ts';
import { MARK, type Victim, type Identity } from './victim.ts';

export interface Attack {
  readonly victim: Victim;
  readonly tally: Tally;
  /** How many requests this wave may send. */
  readonly count: number;
  readonly seed: number;
  /** Ids of trees of others. */
  readonly foreignIds: readonly string[];
}

export interface Wave {
  readonly name: string;
  /** Of all requests, 0 to 1. */
  readonly share: number;
  run(attack: Attack): Promise<void>;
}

/** Valid messages of every method, about the attacker's own trees. */
export const VALID_MESSAGES: readonly fc.JsonValue[] = [
  ...METHOD_NAMES.map((method, index) => ({
    jsonrpc: '2.0',
    id: index,
    method,
    params: methods[method].example.params as fc.JsonValue,
  })),
  ...RICH_REQUESTS,
];

const AT_ONCE = 16;
const HEADERS_MS_MAX = 60_000;

/** Calls `send` for each item, a few at a time. */
export async function forEach<Item>(
  items: Iterable<Item>,
  send: (item: Item) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await send(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Resolves at the event; an error of a connection is none of ours, it closes. */
export function happens(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => void emitter.once(event, () => resolve()));
}

/** Values of an arbitrary: the same ones for the same seed. */
export function sample<Value>(
  arbitrary: fc.Arbitrary<Value>,
  { count, seed }: Pick<Attack, 'count' | 'seed'>,
): Value[] {
  return fc.sample(arbitrary, { numRuns: count, seed });
}

/** The text of a request. */
export function requestText(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}

/** Posts texts to `/rpc`. */
export function poster({ victim, tally }: Attack, who: Identity = 'mallory'): (text: string) => Promise<void> {
  const pool = new Pool(victim.url, { connections: AT_ONCE, headersTimeout: HEADERS_MS_MAX });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${victim.tokens[who]}` };
  return async (text) => {
    tally.requests += 1;
    try {
      const { statusCode, body } = await pool.request({ path: '/rpc', method: 'POST', headers, body: text });
      const answer = await body.text();
      if (statusCode === 204) tally.count('silence');
      else tally.answer(answer, text);
      if (who !== 'owner' && answer.includes(MARK))
        tally.complain(`A tree of somebody else is in the answer to ${text}`);
    } catch (error) {
      tally.complain(`No answer to ${text.slice(0, 600)}: ${String(error)}`);
    }
  };
}
