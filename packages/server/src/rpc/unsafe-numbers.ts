/** Numbers of a JSON text that a reader would silently round: integers beyond 2^53, and what is beyond every number there is. */

import { isExact } from '@coppice/protocol';

/** Numbers that are named in one answer. */
const NAMED_MAX = 100;

/** Only a text that matches can hold one; most need no second look. */
const SUSPICIOUS = /\d{16}|[\s:,[]-?\d+(?:\.\d+)?[eE]\+?\d\d/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

export interface UnsafeNumber {
  readonly path: readonly (string | number)[];
  /** The number as it is written. */
  readonly literal: string;
}

/** An array or object that is open where the reader stands. */
interface Open {
  readonly isArray: boolean;
  index: number;
  /** Offsets of the key in the text. */
  keyStart: number;
  keyEnd: number;
}

/** `text` must be JSON. Not recursive. */
export function findUnsafeNumbers(text: string): readonly UnsafeNumber[] {
  if (!SUSPICIOUS.test(text)) return [];
  const found: UnsafeNumber[] = [];
  const open: Open[] = [];
  for (let at = 0; at < text.length && found.length < NAMED_MAX; at += 1) {
    const char = text[at] as string;
    const inner = open.at(-1);
    if (char === '"') {
      const end = endOfText(text, at);
      if (inner !== undefined)
        [inner.keyStart, inner.keyEnd] = isKey(text, end) ? [at, end + 1] : [inner.keyStart, inner.keyEnd];
      at = end;
    } else if (char === '[' || char === '{') {
      open.push({ isArray: char === '[', index: 0, keyStart: 0, keyEnd: 0 });
    } else if (char === ']' || char === '}') {
      open.pop();
    } else if (char === ',') {
      if (inner !== undefined) inner.index += 1;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      NUMBER.lastIndex = at;
      const literal = NUMBER.exec(text)?.[0] ?? char;
      if (!isExact(Number(literal))) found.push({ path: pathOf(text, open), literal });
      at += literal.length - 1;
    }
  }
  return found;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function pathOf(text: string, open: readonly Open[]): readonly (string | number)[] {
  return open.map(({ isArray, index, keyStart, keyEnd }) =>
    isArray ? index : (JSON.parse(text.slice(keyStart, keyEnd)) as string),
  );
}
