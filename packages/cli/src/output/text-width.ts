/**
 * How wide text is in a terminal, and text cut to a width. Colours take no place.
 *
 * Every command that prints a table loads this, so it must load at once: libraries that ask the runtime for its tables
 * of graphemes and emoji before the first text is measured cost a tenth of a second.
 */
import fastStringWidth from 'fast-string-width';

const ELLIPSIS = '…';
const ESCAPE = '\u001B';
const COLOUR = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`);
const COLOURS_OFF = `${ESCAPE}[0m`;

/** Columns that the text takes. */
export function widthOf(text: string): number {
  return fastStringWidth(text);
}

/** The text on at most `columns` columns; one that is cut ends with an ellipsis. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const graphemes = new Intl.Segmenter();
  const parts = text.split(COLOUR);
  // The end of a colour may be in what is cut off.
  const end = parts.length > 1 ? `${ELLIPSIS}${COLOURS_OFF}` : ELLIPSIS;
  let kept = '';
  let free = columns - widthOf(ELLIPSIS);
  for (const part of parts) {
    if (COLOUR.test(part)) kept += part;
    else {
      for (const { segment } of graphemes.segment(part)) {
        free -= widthOf(segment);
        if (free < 0) return kept + end;
        kept += segment;
      }
    }
  }
  return kept + end;
}

/** Text as it stands where it may be wider than the terminal: broken between words, what follows indented. Undefined: a pipe, nothing is broken. */
export function hanging(text: string, columns: number | undefined): readonly string[] {
  if (columns === undefined || widthOf(text) <= columns) return [text];
  const [first = '', ...rest] = wrapped(text, columns - HANGING_INDENT.length);
  return [first, ...rest.map((line) => `${HANGING_INDENT}${line}`)];
}

const HANGING_INDENT = '  ';

/** The text in lines of at most `columns` columns, broken between words; a word that is wider stays whole. Without colours. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
