/** JSON from outside to a value, with nothing rounded in silence. */
import type { Json } from './json.ts';

/** Only a text that matches can hold a number that would be rounded; most need no second look. */
const SUSPICIOUS = /\d{16}|[eE]\+?\d{3}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Parses a text. An integer that a number can not keep exactly (beyond 2^53), or a number beyond all numbers (1e400), becomes the text
 * of its digits. Throws a SyntaxError for what is no JSON.
 */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  return SUSPICIOUS.test(text) ? (JSON.parse(withExactNumbers(text)) as Json) : value;
}

/** The text, which is JSON, with quotes around numbers that would be changed. Not recursive. */
function withExactNumbers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === '"') at = endOfText(text, at);
    else if (char === '-' || (char >= '0' && char <= '9')) {
      NUMBER.lastIndex = at;
      const literal = NUMBER.exec(text)?.[0] ?? char;
      if (isRounded(literal)) {
        parts.push(text.slice(copied, at), '"', literal, '"');
        copied = at + literal.length;
      }
      at += literal.length - 1;
    }
  }
  return copied === 0 ? text : parts.join('') + text.slice(copied);
}

function isRounded(literal: string): boolean {
  const value = Number(literal);
  return !Number.isFinite(value) || (!Number.isSafeInteger(value) && /^-?\d+$/.test(literal));
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
