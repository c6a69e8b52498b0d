/** Text to JSON, with a limit on depth, and word of every value that would not be kept as it is. */
import { malformedTexts } from '@coppice/protocol';
import type { ParamViolation } from '@coppice/protocol';
import type { Refusal } from './answer.ts';
import { refuse, shorten } from './answer.ts';
import { findUnsafeNumbers } from './unsafe-numbers.ts';

/** `faults`: values that can not be taken over unchanged, by their path in the message. */
export type Parsed =
  | { readonly ok: true; readonly value: unknown; readonly faults: readonly ParamViolation[] }
  | { readonly ok: false; readonly rejection: Refusal };

/** Parses a message. `depthMax`: levels of arrays and objects. */
export function parseMessage(text: string, depthMax: number): Parsed {
  if (isDeeperThan(text, depthMax)) {
    return refuse('limit/refused', `The message nests deeper than ${depthMax} levels.`, { data: { limit: depthMax } });
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
  const texts = SURROGATE_ESCAPE.test(text) || !text.isWellFormed() ? malformedTexts(value) : NONE;
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
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Counts brackets outside of strings; of text that is no JSON only a bound matters. */
function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return false;
}
