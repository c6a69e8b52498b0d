/** What an attempt printed, as lines, from its output or its error: the same for every client that shows it. */
import type { Json, TaskError } from '@coppice/protocol';

export interface OutputLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

export interface OutputLines {
  /** The lines in the order of printing, as far as that order was kept. Before those, the lines of stdout come first. */
  readonly lines: readonly OutputLine[];
  /** How many lines were kept before these. More may have been printed. */
  readonly earlier: number;
  /** True when the output was cut before it was stored. */
  readonly isCut: boolean;
}

/** What is kept of an ended attempt. */
export interface AttemptEnd {
  readonly output?: Json | undefined;
  readonly error?: TaskError | null | undefined;
}

/** The last `max` lines: of a failed attempt from its error or the causes of that, of a completed one from its output. */
export function lastOutputLines({ output, error }: AttemptEnd, max = Infinity): OutputLines {
  for (let at = error ?? undefined; at !== undefined; at = at.cause) {
    const found = linesOf(at.data, max);
    if (found.lines.length > 0) return found;
  }
  return linesOf(error === undefined || error === null ? output : null, max);
}

function linesOf(value: Json | undefined, max: number): OutputLines {
  const fields = fieldsOf(value);
  const byStream = [...split('stdout', fields['stdout']), ...split('stderr', fields['stderr'])];
  const inOrder = tailOf(fields['tail']);
  // The order is known for the last lines only: who wants more than these gets one stream after the other.
  const isEnough = inOrder.length >= Math.min(max, byStream.length);
  const all = isEnough ? inOrder : byStream;
  const lines = max >= all.length ? all : all.slice(all.length - max);
  const kept = Math.max(all.length, byStream.length);
  return { lines, earlier: kept - lines.length, isCut: fields['truncated'] === true };
}

/** The last lines of both streams in the order in which they came; empty where that was not kept. */
function tailOf(value: Json | undefined): readonly OutputLine[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: Json): readonly OutputLine[] => {
    const { stream, line } = fieldsOf(entry);
    const isKnown = (stream === 'stdout' || stream === 'stderr') && typeof line === 'string';
    return isKnown ? [{ stream, line }] : [];
  });
}

function fieldsOf(value: Json | undefined): Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json | undefined>>)
    : {};
}

function split(stream: OutputLine['stream'], text: Json | undefined): readonly OutputLine[] {
  if (typeof text !== 'string' || text === '') return [];
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => ({ stream, line }));
}
