import { ERROR_CODES, errorNumber, METHOD_NAMES, methods } from '@coppice/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bench } from './dispatcher.fixture.ts';
import { realEngine } from './real-engine.fixture.ts';
import type { RealEngine } from './real-engine.fixture.ts';

const RUNS = 10_000;
const SEED = 20_261_120;

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
const valid: readonly Value[] = [...examples, running, [running, ...examples.slice(0, 2)]];

/** One change of a JSON value: the `at`-th place in it (in reading order) is replaced, dropped, renamed or doubled. */
type Edit = { readonly at: number } & (
  | { readonly kind: 'replace'; readonly by: Value }
  | { readonly kind: 'drop' | 'double' }
  | { readonly kind: 'rename'; readonly to: string }
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(40), by: fc.jsonValue({ maxDepth: 3 }) }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'double' as const), at: fc.nat(40) }),
  fc.record({ kind: fc.constant('rename' as const), at: fc.nat(40), to: fc.string() }),
);

function applyEdit(value: Value, change: Edit): Value {
  const copy = structuredClone<{ value: Value }>({ value });
  const places: { holder: Record<string, Value> | Value[]; key: string }[] = [];
  const visit = (holder: Record<string, Value> | Value[]): void => {
    for (const [key, inner] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, Value>);
    }
  };
  visit(copy);
  const { holder, key } = places[change.at % places.length]!;
  const target = holder as Record<string, Value>;
  const inner = target[key] as Value;
  if (change.kind === 'replace') target[key] = change.by;
  else if (Array.isArray(holder))
    holder.splice(Number(key), change.kind === 'drop' ? 1 : 0, ...(change.kind === 'double' ? [inner] : []));
  else if (change.kind === 'double') target[key] = [inner, inner];
  else {
    delete target[key];
    if (change.kind === 'rename') target[change.to] = inner;
  }
  return copy.value ?? null;
}

/** One change of the text: something is cut out at a place between 0 and 1, and something is put in. */
const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(5),
  put: fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '1e999', '-'),
  ),
});

function applyCut(text: string, { at, length, put }: { at: number; length: number; put: string }): string {
  const place = Math.floor(at * text.length);
  return text.slice(0, place) + put + text.slice(place + length);
}

const message: fc.Arbitrary<string> = fc
  .record({
    base: fc.constantFrom(...valid),
    edits: fc.array(edit, { maxLength: 3 }),
    cuts: fc.oneof(fc.array(cut, { maxLength: 0 }), fc.array(cut, { maxLength: 0 }), fc.array(cut, { maxLength: 2 })),
  })
  .map(({ base, edits, cuts }) => cuts.reduce(applyCut, JSON.stringify(edits.reduce(applyEdit, base))));

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
  beforeAll(async () => void (real = await realEngine()));
  afterAll(() => real.engine.stop({ graceMs: 0 }));

  it('are all answered, and never as a fault of the server (R-SE-01)', async () => {
    const { send, log } = bench(real.engine, { batchSize: 10, jsonDepth: 50, requestsInFlight: 100 });
    const kinds = new Set<Kind>(['result', ...ERROR_CODES.map(errorNumber)]);
    const seen = new Map<Kind, number>();
    const count = (kind: Kind): void => void seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const property = fc.asyncProperty(message, async (text) => {
      const answer = await send(text);
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
