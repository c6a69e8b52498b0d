import type { TaskId } from '@coppice/core';
import { ERROR_CODES, errorNumber, METHOD_NAMES, methods } from '@coppice/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_OWNER } from './caller.ts';
import { bench } from './dispatcher.fixture.ts';
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
/** Requests with every optional field, about a task that exists. */
const rich: readonly Value[] = Object.entries({
  'tasks.list': { status: ['created', 'running'], rootOnly: false, search: 'a', tag: 't', limit: 5, cursor: 'MS4w' },
  'tasks.events': { treeId: 'known', afterSeq: 1, limit: 3 },
  'tasks.subscribe': { treeId: 'known', userId: 'local', afterSeq: 1 },
  'tasks.tree': { taskId: 'known', depth: 3, subtreeOnly: true },
  'tasks.retry': { taskId: 'known', mode: 'failure', inputs: { x: 1 }, cascade: false },
  'tasks.cancel': { taskIds: ['known', 'unknown'], reason: 'r', force: true },
  'tasks.copy': {
    taskId: 'known',
    mode: 'custom',
    taskIds: ['known'],
    includeDependents: true,
    overrides: { known: { inputs: { text: 'x' }, executor: 'echo', priority: 1, policies: { timeoutMs: 5 } } },
    save: false,
  },
  'tasks.update': {
    taskId: 'pending',
    patch: {
      name: 'n',
      inputs: { text: '${{ 1 + 1 }}' },
      priority: 1,
      policies: { timeoutMs: 10, retry: { maxAttempts: 2, strategy: 'exponential', delayMs: 1, jitter: 'full' } },
      tags: ['t'],
      metadata: { a: [1, { b: null }] },
      dependencies: [],
    },
  },
  'tasks.create': {
    tasks: [
      {
        id: 'r',
        name: 'r',
        executor: 'echo',
        inputs: { text: '${{ inputs.x + vars.v }}' },
        dependencies: [
          { task: 's', required: false, on: ['failure'], port: 'p', condition: 'output == null', enabled: true },
        ],
        join: 'settled',
        priority: 0,
        policies: { idempotencyKey: '${{ task.id }}', heartbeatTimeoutMs: 100, onFailure: 'failFast' },
        port: 'p',
        allowFailure: true,
        notBefore: '2026-11-20T12:00:00+01:00',
        capabilities: ['c'],
        tags: ['t'],
        metadata: { m: 1 },
      },
      { id: 's', parentId: 'r', executor: 'echo' },
    ],
    inputs: { x: 'y' },
    variables: { v: 'w' },
    policies: { concurrency: 1, timeoutMs: 100, runTimeoutMs: 1000, retryBudget: 2, retry: { deny: ['a*'] } },
    userId: 'local',
    idempotencyKey: 'key',
    reidentify: true,
  },
}).map(([method, params], index) => ({ jsonrpc: '2.0', id: -index, method, params }));
const valid: readonly Value[] = [...examples, ...rich, running, [running, ...examples.slice(0, 2)]];

/** One change of a JSON value: the `at`-th place in it (in reading order) is replaced, dropped, renamed, doubled, or gets another value of its kind. */
type Edit = { readonly at: number } & (
  | { readonly kind: 'replace'; readonly by: Value }
  | { readonly kind: 'drop' | 'double' }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'twist'; readonly text: string; readonly number: number }
);

const twist = fc.record({
  kind: fc.constant('twist' as const),
  at: fc.nat(40),
  text: fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('known', 'pending', 'root', 'echo', '${{ x', ''),
  ),
  number: fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, -1, 1, 1e15, 1e21),
  ),
});

const edit: fc.Arbitrary<Edit> = fc.oneof(
  twist,
  twist,
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
  else if (change.kind === 'twist') target[key] = twisted(inner, change);
  else if (Array.isArray(holder))
    holder.splice(Number(key), change.kind === 'drop' ? 1 : 0, ...(change.kind === 'double' ? [inner] : []));
  else if (change.kind === 'double') target[key] = [inner, inner];
  else {
    delete target[key];
    if (change.kind === 'rename') target[change.to] = inner;
  }
  return copy.value ?? null;
}

function twisted(value: Value, { text, number }: { readonly text: string; readonly number: number }): Value {
  if (typeof value === 'string') return text;
  if (typeof value === 'number') return number;
  return typeof value === 'boolean' ? !value : Array.isArray(value) ? [] : {};
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
  beforeAll(async () => {
    real = await realEngine();
    await real.engine.create({ tasks: [{ id: 'known', executor: 'echo' }] }, { userId: 'local' });
    await real.engine.create({ tasks: [{ id: 'pending', executor: 'echo' }] }, { userId: 'local' });
    await real.engine.execute('known' as TaskId);
    await real.engine.settled('known' as TaskId);
  });
  afterAll(() => real.engine.stop({ graceMs: 0 }));

  it('are all answered, and never as a fault of the server (R-SE-01)', async () => {
    const { send, log, stop } = bench(real.engine, { batchSize: 10, jsonDepth: 50, requestsInFlight: 100 });
    const kinds = new Set<Kind>(['result', ...ERROR_CODES.map(errorNumber)]);
    const seen = new Map<Kind, number>();
    const count = (kind: Kind): void => void seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const property = fc.asyncProperty(message, async (text) => {
      const subscriptions = new Subscriptions({ engine: real.engine, max: 1, send: () => {}, stopping: stop.signal });
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
