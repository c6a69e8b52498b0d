/** What tasks wrote: one row per chunk of lines. The key of a row is the tree's number and the offset of the first line. */
import type { LogChunk, LogLine, LogScope, TaskId } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import {
  charsOf,
  chunkText,
  linesAfter,
  linesOfText,
  offsetBeforeLast,
  type StoredChunk,
} from '../record/log-chunk.ts';
import { checkInteger } from '../record/page.ts';
import { inTree } from './columns.ts';
import type { SqlValue } from './multi-row.ts';
import type { TreeNumbers } from './tree-numbers.ts';

interface ChunkRow {
  readonly firstOffset: number;
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly firstNumber: number;
  readonly lines: string;
}

interface SizeRow {
  readonly firstOffset: number;
  readonly count: number;
  readonly chars: number;
}

/** Conditions that select the rows of a tree, of a task, and of an attempt. */
const CONDITIONS = [
  inTree('no'),
  `task_id = ? AND ${inTree('no')}`,
  `task_id = ? AND attempt = ? AND ${inTree('no')}`,
] as const;

const OFFSET_MAX = 0xffff_ffff;

export class TaskLogs {
  readonly #database: Database;
  readonly #numbers: TreeNumbers;
  readonly #insert: Statement<SqlValue[]>;
  readonly #next: Statement<[number, number], { readonly next: number | null }>;
  readonly #delete: Statement<[number, number]>;
  /** By the number of values of a scope after those of the tree. */
  readonly #pages: readonly Statement<SqlValue[], ChunkRow>[];
  readonly #sizes: readonly Statement<SqlValue[], SizeRow>[];

  constructor(database: Database, numbers: TreeNumbers) {
    this.#database = database;
    this.#numbers = numbers;
    this.#insert = database.prepare(
      'INSERT INTO task_log (no, task_id, attempt, first_number, count, chars, lines) VALUES ((? << 32) | ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#next = database.prepare(
      `SELECT (no & 0xffffffff) + count AS next FROM task_log WHERE ${inTree('no')} ORDER BY no DESC LIMIT 1`,
    );
    this.#delete = database.prepare('DELETE FROM task_log WHERE no = ((? << 32) | ?)');
    this.#pages = CONDITIONS.map((condition) =>
      database.prepare<SqlValue[], ChunkRow>(
        `SELECT no & 0xffffffff AS firstOffset, task_id AS taskId, attempt, first_number AS firstNumber, lines
          FROM task_log WHERE ${condition}
          AND no >= coalesce((SELECT max(no) FROM task_log WHERE ${condition} AND no <= ((? << 32) | ?)), ? << 32) ORDER BY no`,
      ),
    );
    this.#sizes = CONDITIONS.map((condition) =>
      database.prepare<SqlValue[], SizeRow>(
        `SELECT no & 0xffffffff AS firstOffset, count, chars FROM task_log WHERE ${condition} ORDER BY no DESC`,
      ),
    );
  }

  append(chunks: readonly LogChunk[]): void {
    this.#database.transaction(() => {
      for (const chunk of chunks) this.#appendOne(chunk);
    })();
  }

  #appendOne(chunk: LogChunk): void {
    const { treeId, taskId, attempt, firstNumber, lines } = chunk;
    const no = this.#numbers.find(treeId);
    if (no === undefined) return;
    const offset = this.#next.get(no, no)?.next ?? 1;
    this.#insert.run(no, offset, taskId, attempt, firstNumber, lines.length, charsOf(chunk), chunkText(lines));
  }

  read(scope: LogScope, afterOffset: number, limit: number): LogLine[] {
    checkInteger('afterOffset', afterOffset, 0);
    checkInteger('limit', limit, 0);
    const no = this.#numbers.find(scope.treeId);
    // An iterator that nobody asks would keep the connection busy.
    if (no === undefined || limit === 0) return [];
    const values = valuesOf(scope);
    const first = Math.min(afterOffset + 1, OFFSET_MAX);
    const rows = this.#pages[values.length]?.iterate(...values, no, no, ...values, no, no, no, first, no) ?? [];
    return linesAfter(chunksOf(rows, scope), afterOffset, limit);
  }

  offsetBeforeLast(scope: LogScope, count: number): number {
    checkInteger('count', count, 0);
    const no = this.#numbers.find(scope.treeId);
    if (no === undefined) return 0;
    const values = valuesOf(scope);
    return offsetBeforeLast(this.#sizes[values.length]?.iterate(...values, no, no) ?? [], count);
  }

  trim(scope: LogScope, keptChars: number): number {
    const no = this.#numbers.find(scope.treeId);
    if (no === undefined) return 0;
    const values = valuesOf(scope);
    const rows = this.#sizes[values.length]?.all(...values, no, no) ?? [];
    let chars = 0;
    const at = rows.findIndex((row, index) => {
      if (index > 0 && chars + row.chars > keptChars) return true;
      chars += row.chars;
      return false;
    });
    if (at >= 0)
      this.#database.transaction(() => {
        for (const row of rows.slice(at)) this.#delete.run(no, row.firstOffset);
      })();
    return chars;
  }
}

function valuesOf({ taskId, attempt }: LogScope): SqlValue[] {
  if (taskId === undefined) return [];
  return attempt === undefined ? [taskId] : [taskId, attempt];
}

function* chunksOf(rows: Iterable<ChunkRow>, { treeId }: LogScope): Generator<StoredChunk> {
  for (const { lines, ...row } of rows)
    yield { ...row, treeId, lines: linesOfText(lines, `The log of task ${row.taskId}, offset ${row.firstOffset}`) };
}
