/** Chunks of lines as stores keep them, and the text of one. */
import type { LogChunk, LogLine, LogScope, LogStream, WrittenLine } from '@coppice/core';
import { StoreError } from '../store-error.ts';

export interface StoredChunk extends LogChunk {
  readonly firstOffset: number;
}

const STREAMS: readonly LogStream[] = ['stdout', 'stderr', 'log'];

/** A chunk's lines as JSON: time of the first line, then of each line the ms since then, the code of its stream, and its text. */
export function chunkText(lines: readonly WrittenLine[]): string {
  const beginMs = lines[0]?.atMs ?? 0;
  return JSON.stringify([
    beginMs,
    ...lines.flatMap(({ atMs, stream, text }) => [atMs - beginMs, STREAMS.indexOf(stream), text]),
  ]);
}

/** Throws a StoreError for a text that `chunkText` did not write. */
export function linesOfText(text: string, place: string): WrittenLine[] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw corrupt(place, cause);
  }
  if (!Array.isArray(values) || values.length % 3 !== 1) throw corrupt(place);
  const [beginMs, ...rest] = values as [unknown, ...unknown[]];
  const lines: WrittenLine[] = [];
  for (let at = 0; at < rest.length; at += 3) {
    const [sinceMs, code, line] = rest.slice(at, at + 3);
    const stream = STREAMS[Number(code)];
    if (typeof beginMs !== 'number' || typeof sinceMs !== 'number' || stream === undefined || typeof line !== 'string')
      throw corrupt(place);
    lines.push({ atMs: beginMs + sinceMs, stream, text: line });
  }
  return lines;
}

function corrupt(place: string, cause?: unknown): StoreError {
  return new StoreError('storage/corrupt', `${place}: the lines of the task can not be read`, { cause });
}

export function charsOf({ lines }: Pick<LogChunk, 'lines'>): number {
  return lines.reduce((sum, { text }) => sum + text.length, 0);
}

export function inScope(chunk: LogChunk, { taskId, attempt }: LogScope): boolean {
  return (taskId === undefined || chunk.taskId === taskId) && (attempt === undefined || chunk.attempt === attempt);
}

/** Lines with an offset above `afterOffset`, at most `limit`. The chunks are in order. */
export function linesAfter(chunks: Iterable<StoredChunk>, afterOffset: number, limit: number): LogLine[] {
  const found: LogLine[] = [];
  if (limit === 0) return found;
  for (const { taskId, attempt, firstOffset, firstNumber, lines } of chunks) {
    for (let at = Math.max(afterOffset - firstOffset + 1, 0); at < lines.length; at++) {
      const line = lines[at] as WrittenLine;
      found.push({ ...line, taskId, attempt, offset: firstOffset + at, number: firstNumber + at });
      if (found.length === limit) return found;
    }
  }
  return found;
}

/** The offset after which the last `count` lines come. The newest chunk comes first. */
export function offsetBeforeLast(
  chunks: Iterable<{ readonly firstOffset: number; readonly count: number }>,
  count: number,
): number {
  let seen = 0;
  for (const chunk of chunks) {
    seen += chunk.count;
    if (seen >= count) return chunk.firstOffset - 1 + seen - count;
  }
  return 0;
}

/** The oldest chunks that must go so that the rest has at most `keptChars` characters, and how many the rest has. */
export function trimmedBefore(
  chunks: readonly StoredChunk[],
  keptChars: number,
): { readonly dropped: readonly StoredChunk[]; readonly chars: number } {
  let chars = 0;
  for (let at = chunks.length - 1; at >= 0; at--) {
    const more = charsOf(chunks[at] as StoredChunk);
    if (chars + more > keptChars && at < chunks.length - 1) return { dropped: chunks.slice(0, at + 1), chars };
    chars += more;
  }
  return { dropped: [], chars };
}
