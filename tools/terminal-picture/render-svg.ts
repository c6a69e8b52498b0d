/**
 * Draws what a terminal showed as an SVG picture. Several frames become an animation that runs over and over; where nothing is
 * animated (or the reader wants no motion) the last one is seen.
 */
import { createAnsiSequenceParser } from 'ansi-sequence-parser';
import type { ParseToken } from 'ansi-sequence-parser';

export interface Frame {
  /** What the screen showed, with ANSI colours. */
  readonly text: string;
  readonly durationMs: number;
}

export interface PictureOptions {
  readonly columns: number;
  /** Read to people who do not see the picture. */
  readonly title: string;
}

/** Measures in pixels. */
const FONT_SIZE = 13;
const CELL_WIDTH = 7.8;
const LINE_HEIGHT = 18;
const MARGIN = 18;
const BAR_HEIGHT = 34;

const COLORS: Readonly<Record<string, string>> = {
  red: '#ff7b72',
  green: '#7ee787',
  yellow: '#e3b341',
  blue: '#79c0ff',
  magenta: '#d2a8ff',
  cyan: '#76e3ea',
  brightBlack: '#8b949e',
};
const TEXT_COLOR = '#e6edf3';

/** Text without leading, trailing or repeated spaces. */
const WORDS = /\S+(?: \S+)*/g;

export function renderSvg(frames: readonly Frame[], { columns, title }: PictureOptions): string {
  const screens = frames.map(({ text }) => text.trimEnd().split('\n'));
  const height = Math.max(...screens.map((lines) => lines.length)) * LINE_HEIGHT + BAR_HEIGHT + MARGIN;
  const width = Math.ceil(columns * CELL_WIDTH) + 2 * MARGIN;
  const groups = screens.map((lines, index) => `<g class="frame" id="f${index}">\n${renderScreen(lines)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
<title>${escapeXml(title)}</title>
<style>
text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: ${TEXT_COLOR}; }
.dim { fill-opacity: .6; }
.bold { font-weight: bold; }
${animation(frames)}</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${['#ff5f57', '#febc2e', '#28c840'].map((color, index) => `<circle cx="${20 + index * 18}" cy="17" r="5.5" fill="${color}"/>`).join('')}
${groups.join('\n')}
</svg>
`;
}

/** Each frame is seen in its part of the whole time; without animations only the last one is. */
function animation(frames: readonly Frame[]): string {
  const totalMs = frames.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const last = frames.length - 1;
  let startMs = 0;
  const rules = frames.map(({ durationMs }, index) => {
    const from = percent(startMs / totalMs);
    const to = percent((startMs + durationMs) / totalMs);
    startMs += durationMs;
    const before = index === 0 ? '' : '0% { visibility: hidden } ';
    const after = index === last ? '' : `${to} { visibility: hidden } 100% { visibility: hidden } `;
    return `@keyframes k${index} { ${before}${from} { visibility: visible } ${after}}
#f${index} { visibility: ${index === last ? 'visible' : 'hidden'}; animation: k${index} ${totalMs}ms step-end infinite; }
`;
  });
  return frames.length === 1
    ? ''
    : `${rules.join('')}@media (prefers-reduced-motion) { .frame { animation: none !important; } }\n`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}

function renderScreen(lines: readonly string[]): string {
  // One parser for all: a colour lasts beyond the end of its line.
  const parser = createAnsiSequenceParser();
  return lines.map((line, row) => renderLine(parser.parse(line), row)).join('');
}

function renderLine(tokens: readonly ParseToken[], row: number): string {
  const y = BAR_HEIGHT + row * LINE_HEIGHT + FONT_SIZE;
  let column = 0;
  const spans = tokens.flatMap((token) => {
    const at = column;
    column += lengthOf(token.value);
    // Viewers disagree about spaces, so words that stand apart are placed apart.
    return [...token.value.matchAll(WORDS)].map(({ 0: text, index }) =>
      renderWords({ token, text, column: at + lengthOf(token.value.slice(0, index)) }),
    );
  });
  return spans.length === 0 ? '' : `<text y="${y}">${spans.join('')}</text>\n`;
}

interface Words {
  readonly token: ParseToken;
  readonly text: string;
  readonly column: number;
}

/** The length is given, so that columns stand below one another in any font. */
function renderWords({ token, text, column }: Words): string {
  const { foreground, decorations } = token;
  const classes = [...decorations].filter((decoration) => decoration === 'dim' || decoration === 'bold');
  const color = foreground?.type === 'named' ? COLORS[foreground.name] : undefined;
  const attributes = [
    `x="${round(MARGIN + column * CELL_WIDTH)}"`,
    `textLength="${round(lengthOf(text) * CELL_WIDTH)}"`,
    ...(classes.length > 0 ? [`class="${classes.join(' ')}"`] : []),
    ...(color === undefined ? [] : [`style="fill:${color}"`]),
  ];
  return `<tspan ${attributes.join(' ')}>${escapeXml(text)}</tspan>`;
}

/** Cells that a text takes. Enough for what Coppice prints: nothing wide, nothing combined. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function round(pixels: number): number {
  return Number(pixels.toFixed(1));
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
