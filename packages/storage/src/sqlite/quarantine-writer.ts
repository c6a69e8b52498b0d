/** Writes the rows of trees that are set aside, and cuts logs back to their sound part. Only used inside a transaction. */
import { TASK_STATUSES, type StatusCounts, type TaskError, type TaskStatus } from '@coppice/core';
import type { Database, Statement } from 'better-sqlite3';
import { parseChecks } from '../record/checks.ts';
import { RUN_STATUS_CODES, TASK_STATUS_CODES } from '../record/codes.ts';
import { countsText, errorText } from '../record/rows.ts';
import { inTree, SEGMENT } from './columns.ts';
import type { SqlValue } from './multi-row.ts';

const UNDER_WAY: readonly TaskStatus[] = ['ready', 'running', 'waiting'];
const UNDER_WAY_CODES = UNDER_WAY.map((status) => TASK_STATUS_CODES[status]);
const UNDER_WAY_BITS = UNDER_WAY_CODES.reduce((bits, code) => bits | (1 << code), 0);

interface LastSegment {
  readonly firstSeq: number;
  readonly lines: string;
  readonly checks: string | null;
}

export class QuarantineWriter {
  readonly #counts: Statement<[number], { readonly counts: string }>;
  readonly #failTree: Statement<SqlValue[]>;
  readonly #failTasks: Statement<SqlValue[]>;
  readonly #lastSegment: Statement<[number, number, number], LastSegment>;
  readonly #cutSegments: Statement<[number, number, number]>;
  readonly #cutLines: Statement<SqlValue[]>;
  readonly #cutSnapshots: readonly Statement<[string, number]>[];
  readonly #clearRows: readonly Statement<[number, number]>[];

  constructor(database: Database) {
    this.#counts = database.prepare('SELECT counts FROM tree WHERE no = ?');
    this.#failTree = database.prepare(
      `UPDATE tree SET status = ${RUN_STATUS_CODES.failed}, error = ?, counts = ?,
        task_statuses = (task_statuses & ~${UNDER_WAY_BITS}) | ${1 << TASK_STATUS_CODES.failed}, quarantined = 1 WHERE no = ?`,
    );
    this.#failTasks = database.prepare(
      `UPDATE task_execution SET status = ${TASK_STATUS_CODES.failed}, rare = ?
        WHERE ${inTree('no')} AND status IN (${UNDER_WAY_CODES.join()})`,
    );
    this.#lastSegment = database.prepare(
      `SELECT ${SEGMENT} FROM event WHERE no BETWEEN (? << 32) AND ((? << 32) | ?) ORDER BY no DESC LIMIT 1`,
    );
    this.#cutSegments = database.prepare(
      'DELETE FROM event WHERE no > ((? << 32) | ?) AND no <= ((? << 32) | 0xffffffff)',
    );
    this.#cutLines = database.prepare('UPDATE event SET lines = ?, checks = ? WHERE no = ((? << 32) | ?)');
    this.#cutSnapshots = ['snapshot', 'snapshot_piece'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE tree_id = ? AND seq > ?`),
    );
    this.#clearRows = ['task_execution', 'task_tag', 'task'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE ${inTree('no')}`),
    );
  }

  quarantine(no: number, error: TaskError): void {
    const counts = JSON.parse(this.#counts.get(no)?.counts ?? '[]') as readonly number[];
    const failed = Object.fromEntries(TASK_STATUSES.map((status, at) => [status, counts[at] ?? 0])) as {
      -readonly [Status in keyof StatusCounts]: number;
    };
    for (const status of UNDER_WAY) {
      failed.failed += failed[status];
      failed[status] = 0;
    }
    const text = JSON.stringify(error);
    this.#failTree.run(text, countsText(failed), no);
    this.#failTasks.run(errorText(error), no, no);
  }

  /** Removes the events after event `seq`, and the snapshots that hold them. */
  cutLog(treeId: string, no: number, seq: number): void {
    this.#cutSegments.run(no, seq, no);
    for (const statement of this.#cutSnapshots) statement.run(treeId, seq);
    const segment = this.#lastSegment.get(no, no, seq);
    if (segment === undefined) return;
    const kept = segment.lines.split('\n').slice(0, seq - segment.firstSeq + 1);
    const lines = kept.join('\n');
    if (lines === segment.lines) return;
    const sums = parseChecks(segment.checks)?.sums.slice(0, kept.length);
    const checks = sums === undefined ? null : [lines.length, ...sums].join();
    this.#cutLines.run(lines, checks, no, segment.firstSeq);
  }

  /** Removes all rows of tasks. */
  clearRows(no: number): void {
    for (const statement of this.#clearRows) statement.run(no, no);
  }
}
