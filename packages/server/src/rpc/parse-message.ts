/** Text to JSON, with a limit on depth, and word of every value that would not be kept as it is. */
import { unkeepableValues } from '@coppice/protocol';
import type { ParamViolation } from '@coppice/protocol';
import type { Refusal } from './answer.ts';
import { refuse, shorten } from './answer.ts';
import { findUnsafeNumbers } from './unsafe-numbers.ts';

/** `faults`: values that can not be taken over unchanged, by their path in the message. */
export type ParseAnswer =
  | { readonly ok: true; readonly value: unknown; readonly faults: readonly ParamViolation[] }
  | { readonly ok: false; readonly rejection: Refusal };

/** What a message may hold. */
export interface ShapeLimits {
  /** Levels of arrays and objects. */
  readonly jsonDepth: number;
  /** Members of one object. */
  readonly objectKeys: number;
  /** Items of one list. */
  readonly listItems: number;
}

/** Parses a message. Its shape is looked at before anything is built of it. */
export function parseMessage(text: string, limits: ShapeLimits): ParseAnswer {
  const exceeded = exceededLimit(text, limits);
  if (exceeded === 'jsonDepth') {
    const limit = limits.jsonDepth;
    return refuse('limit/refused', `The message nests deeper than ${limit} levels.`, { data: { limit } });
  }
  if (exceeded === 'objectKeys') {
    const limit = limits.objectKeys;
    return refuse('limit/refused', `An object in the message has more than ${limit} members.`, { data: { limit } });
  }
  if (exceeded === 'listItems') {
    const limit = limits.listItems;
    const message = `A list in the message has more than ${limit} items; the configuration sets limits.listItems.`;
    return refuse('limit/refused', message, { data: { limit } });
  }
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value, faults: faultsOf(text, value) };
  } catch {
    return refuse('rpc/parse', 'The message is not JSON.');
  }
}

/** Only a text with an escaped half of a surrogate pair, or a raw one, can hold malformed text. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

function faultsOf(text: string, value: unknown): readonly ParamViolation[] {
  const texts = SURROGATE_ESCAPE.test(text) || !text.isWellFormed() ? unkeepableValues(value, 'texts') : NONE;
  const numbers = findUnsafeNumbers(text);
  const lost = /__proto__|\\u/.test(text) ? lostOverrides(value) : NONE;
  if (numbers.length === 0 && lost.length === 0) return texts;
  return [
    ...texts,
    ...lost,
    ...numbers.map(({ path, literal }) => ({
      path,
      reason: `the number ${shorten(literal)} can not be kept exactly; write it as text`,
      expected: 'a number below 2^53, or text',
      actual: shorten(literal),
    })),
  ];
}

const OVERRIDES: readonly (readonly string[])[] = [
  ['params', 'overrides'],
  ['params', 'copy', 'overrides'],
];

/** The only map by id is checked member by member, and its schema would lose this key: refused rather than lost. */
function lostOverrides(value: unknown): readonly ParamViolation[] {
  const messages = Array.isArray(value)
    ? value.map((message, index) => [[index], message] as const)
    : [[[], value] as const];
  return messages.flatMap(([at, message]) =>
    OVERRIDES.filter((path) => Object.hasOwn(Object(valueAt(message, path)) as object, '__proto__')).map((path) => ({
      path: [...at, ...path, '__proto__'],
      reason: 'a task with this id can not be given overrides; copy it and change the copy',
      expected: 'another id',
    })),
  );
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

const NONE: readonly ParamViolation[] = [];

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Counts brackets, and commas between members, outside of strings; of text that is no JSON only a bound matters. */
function exceededLimit(text: string, { jsonDepth, objectKeys, listItems }: ShapeLimits): keyof ShapeLimits | undefined {
  let depth = 0;
  let inString = false;
  // For each open level: how many members may follow, and which limit says so.
  const left: number[] = [];
  const limit: ('objectKeys' | 'listItems')[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > jsonDepth) return 'jsonDepth';
      limit[depth] = code === OPEN_OBJECT ? 'objectKeys' : 'listItems';
      left[depth] = (code === OPEN_OBJECT ? objectKeys : listItems) - 1;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      depth -= 1;
    } else if (code === COMMA && depth > 0) {
      const members = left[depth] as number;
      if (members <= 0) return limit[depth];
      left[depth] = members - 1;
    }
  }
  return undefined;
}
