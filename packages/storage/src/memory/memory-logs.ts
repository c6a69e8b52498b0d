/** What tasks wrote, in memory. */
import type { LogChunk, LogLine, LogScope } from '@coppice/core';
import { inScope, linesAfter, offsetBeforeLast, trimmedBefore, type StoredChunk } from '../record/log-chunk.ts';

export class MemoryLogs {
  /** Chunks by tree, oldest first. */
  readonly #chunks = new Map<string, StoredChunk[]>();

  append(chunk: LogChunk): void {
    const chunks = this.#chunks.get(chunk.treeId) ?? [];
    this.#chunks.set(chunk.treeId, chunks);
    const last = chunks.at(-1);
    chunks.push({ ...chunk, firstOffset: last === undefined ? 1 : last.firstOffset + last.lines.length });
  }

  read(scope: LogScope, afterOffset: number, limit: number): LogLine[] {
    return linesAfter(this.#of(scope), afterOffset, limit);
  }

  offsetBeforeLast(scope: LogScope, count: number): number {
    const newest = this.#of(scope).toReversed();
    return offsetBeforeLast(
      newest.map(({ firstOffset, lines }) => ({ firstOffset, count: lines.length })),
      count,
    );
  }

  trim(scope: LogScope, keptChars: number): number {
    const { dropped, chars } = trimmedBefore(this.#of(scope), keptChars);
    const gone = new Set(dropped);
    const chunks = this.#chunks.get(scope.treeId);
    if (chunks !== undefined && gone.size > 0)
      this.#chunks.set(
        scope.treeId,
        chunks.filter((chunk) => !gone.has(chunk)),
      );
    return chars;
  }

  delete(treeId: string): void {
    this.#chunks.delete(treeId);
  }

  #of(scope: LogScope): StoredChunk[] {
    return (this.#chunks.get(scope.treeId) ?? []).filter((chunk) => inScope(chunk, scope));
  }
}
