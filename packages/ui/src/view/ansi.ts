/** Text with colours of a terminal as elements. Text only ever becomes text; what is no colour is gone before. */
import { colouredLine } from '@coppice/client';
import { createColorPalette, namedColors, parseAnsiSequences } from 'ansi-sequence-parser';
import type { Color, ParseToken } from 'ansi-sequence-parser';
import { html } from './element.ts';

/** Pieces with a look of their own in one line; the rest is shown plain. */
const PIECES_MAX = 200;
const { value: hexOf } = createColorPalette();

/** Nodes for one line of what a program printed. */
export function ansiNodes(line: string): readonly (Node | string)[] {
  const tokens = parseAnsiSequences(colouredLine(line));
  const nodes = tokens.slice(0, PIECES_MAX).map(pieceOf);
  if (tokens.length <= PIECES_MAX) return nodes;
  const rest = tokens.slice(PIECES_MAX).map(({ value }) => value);
  return [...nodes, rest.join('')];
}

function pieceOf({ value, foreground, background, decorations }: ParseToken): Node | string {
  if (foreground === null && background === null && decorations.size === 0) return value;
  // What a program wants to hide is shown: a person must see all that was printed.
  const classes = [...decorations].filter((name) => name !== 'hidden').map((name) => `ansi-${name}`);
  const piece = html('span', { class: classes.join(' ') }, value);
  const [text, ground] = decorations.has('reverse') ? [background, foreground] : [foreground, background];
  if (text !== null) piece.style.color = ground === null ? readable(colourOf(text)) : colourOf(text);
  if (ground !== null) piece.style.backgroundColor = colourOf(ground);
  return piece;
}

/** The sixteen colours with names are those of the theme. A number without a colour gives no colour, whatever the palette says of its type. */
function colourOf(color: Color): string {
  const name = color.type === 'named' ? color.name : color.type === 'table' ? namedColors[color.index] : undefined;
  if (name !== undefined) return `var(--ansi-${name})`;
  const hex: string | undefined = hexOf(color);
  return hex ?? '';
}

/** A colour that a program mixed for a ground it did not know: as dark or light as text must be on the page. */
function readable(colour: string): string {
  return colour.startsWith('#')
    ? `light-dark(oklch(from ${colour} min(l, 0.48) c h), oklch(from ${colour} max(l, 0.75) c h))`
    : colour;
}
