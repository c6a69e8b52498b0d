/**
 * Text that others wrote (names, outputs, errors), made harmless for a terminal.
 *
 * 1. `plain` is for foreign text: no escape sequence is left, colours neither.
 * 2. `withoutControls` is for whole lines of ours before they are written: only our colours get through. It is the last
 *    gate, for foreign text that somebody forgot to pass through `plain`.
 */
import { stripVTControlCharacters } from 'node:util';

const ESCAPE = '\u001B';
/** All controls but tab and line feed, and what turns the direction of text round: a line could show another than it is. */
const FORBIDDEN = '[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069]';
const CONTROLS = new RegExp(FORBIDDEN, 'g');
const CONTROLS_BUT_COLOURS = new RegExp(`(?!${ESCAPE}\\[[\\d;]*m)${FORBIDDEN}`, 'g');
/** In JSON these are the same value when they are written as escapes; JSON itself escapes the ones below space. */
const NOT_ESCAPED_BY_JSON = /[\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** Foreign text without escape sequences and controls; line feeds and tabs stay. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(CONTROLS, '');
}

/** One line of a program's output as a terminal would show it in the end: what was overwritten is gone, tabs are spaces. */
export function plainLine(line: string): string {
  return plain(lastWritten(line)).replaceAll('\t', '    ');
}

/** What is left of a line in which a program went back to the beginning and wrote again. */
function lastWritten(line: string): string {
  const shown = line.replace(/\r+$/, '');
  return shown.slice(shown.lastIndexOf('\r') + 1);
}

/** A line of ours: all that is no colour is taken out. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROLS_BUT_COLOURS, '');
}

/** The same JSON without characters that a terminal obeys. */
export function harmlessJson(json: string): string {
  return json.replaceAll(
    NOT_ESCAPED_BY_JSON,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
