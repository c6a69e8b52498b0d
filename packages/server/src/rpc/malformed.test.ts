import type { TaskId } from '@coppice/core';
import { ERROR_CODES, errorNumber, METHOD_NAMES, methods } from '@coppice/protocol';
import { mutatedMessages, RICH_REQUESTS } from '@coppice/testkit/hostile';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_OWNER } from './caller.ts';
import { bench, TEST_LIMITS } from './dispatcher.fixture.ts';
import { realEngine } from './real-engine.fixture.ts';
import type { RealEngine } from './real-engine.fixture.ts';
import { Subscriptions } from './subscriptions.ts';

const RUNS = 10_000;
/** Another seed searches elsewhere; one that fails is replayed by it. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_120);

type Value = fc.JsonValue;

/** Valid messages of every method, over tasks that exist and run. */
const examples: readonly Value[] = METHOD_NAMES.map((method, index) => ({
  jsonrpc: '2.0',
  id: index,
  method,
  params: methods[method].example.params as Value,
}));
const running: Value = {
  jsonrpc: '2.0',
  id: 'x',
  method: 'tasks.execute',
  params: {
    tasks: [
      { name: 'root', policies: { retry: { maxAttempts: 2, strategy: 'fixed', delayMs: 0 } } },
      { name: 'a', parentId: 'root', executor: 'echo', inputs: { text: '${{ inputs.x }}' }, tags: ['t'] },
      { name: 'b', parentId: 'root', executor: 'echo', dependencies: [{ task: 'a', on: ['success'], into: 'a' }] },
    ],
    inputs: { x: 'y' },
    wait: true,
  },
};
const valid: readonly Value[] = [...examples, ...RICH_REQUESTS, running, [running, ...examples.slice(0, 2)]];

const message = mutatedMessages(valid);

interface Answer {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly error?: { readonly code: number };
}

/** What was answered: the number of an error, or one of these. */
type Kind = number | 'result' | 'silence';

/** True when the specification asks for silence: a valid notification, or a batch of nothing else. */
function needsNoAnswer(text: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return false;
  }
  return Array.isArray(parsed) ? parsed.length > 0 && parsed.every(isNotification) : isNotification(parsed);
}

function isNotification(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, params, ...rest } = value as Record<string, unknown>;
  if (jsonrpc !== '2.0' || typeof method !== 'string') return false;
  if ('id' in rest || 'result' in rest || 'error' in rest) return false;
  return params === undefined || (typeof params === 'object' && params !== null);
}

describe(`${RUNS} malformed messages`, () => {
  let real: RealEngine;
  beforeAll(async () => {
    real = await realEngine();
    await real.engine.create({ tasks: [{ id: 'known', executor: 'echo' }] }, { userId: 'local' });
    await real.engine.create({ tasks: [{ id: 'pending', executor: 'echo' }] }, { userId: 'local' });
    await real.engine.execute('known' as TaskId);
    await real.engine.settled('known' as TaskId);
  });
  afterAll(() => real.engine.stop({ graceMs: 0 }));

  it('are all answered, and never as a fault of the server (R-SE-01)', async () => {
    const { send, log } = bench(real.engine, {
      ...TEST_LIMITS,
      batchSize: 10,
      jsonDepth: 50,
      requestsInFlight: 100,
    });
    const kinds = new Set<Kind>(['result', ...ERROR_CODES.map(errorNumber)]);
    const seen = new Map<Kind, number>();
    const count = (kind: Kind): void => void seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const property = fc.asyncProperty(message, async (text) => {
      const subscriptions = new Subscriptions({ engine: real.engine, max: 1, send: () => {} });
      // A message that waits for a run would wait for ever behind a hold that another message has set.
      for (const { target } of await real.engine.holds.list())
        await real.engine.holds.release(target, { actor: { userId: 'the test', face: 'rpc' } });
      const answer = await send(text, { principal: LOCAL_OWNER, subscriptions });
      subscriptions.closeAll();
      expect(answer === undefined).toBe(needsNoAnswer(text));
      if (answer === undefined) return count('silence');
      for (const one of [answer].flat() as Answer[]) {
        const kind = one.error === undefined ? 'result' : one.error.code;
        expect(one.jsonrpc).toBe('2.0');
        expect('id' in one && 'error' in one !== 'result' in one).toBe(true);
        expect(kind, JSON.stringify(one)).not.toBe(-32603);
        expect(kinds.has(kind)).toBe(true);
        count(kind);
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
    expect(log).toEqual([]);
    // The mutations reach every border: text, request, method, params, meaning, and some stay valid.
    for (const kind of [-32700, -32600, -32601, -32602, -32001, -32003, -32011, -32012, 'result', 'silence'] as const) {
      expect(seen.get(kind) ?? 0, String(kind)).toBeGreaterThan(0);
    }
  }, 60_000);
});
