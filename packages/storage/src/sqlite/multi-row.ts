/**
 * A prepared INSERT of many rows, because most of the cost of a small row is the call (docs/decisions/0021).
 * Rows wait in one flat array until it is full. `flush` writes the rest with as few statements as possible. Only used inside a transaction.
 */
import type { Database, Statement } from 'better-sqlite3';

export type SqlValue = string | number | null;

const ROWS = 10;
/** Numbers of rows that have a statement, the largest first. A commit of one task writes two rows. */
const STATEMENT_ROWS = [ROWS, 5, 2, 1] as const;

interface Insert {
  /** Number of values that it takes. */
  readonly taken: number;
  readonly statement: Statement<[SqlValue[]]>;
}

export class MultiRowInsert {
  /** Values of the rows that wait, row after row. Callers fill `width` of them from `next()` on. */
  readonly values: SqlValue[];
  readonly #width: number;
  readonly #inserts: readonly Insert[];
  #used = 0;
  /** Number of values from the beginning that hold texts of rows, written ones included. */
  #filled = 0;

  /** `row` is the SQL of one row with its placeholders; `tail` is the SQL after the last row. */
  constructor(database: Database, sql: { readonly head: string; readonly row: string; readonly tail?: string }) {
    const { head, row, tail = '' } = sql;
    this.#width = row.split('?').length - 1;
    this.values = Array.from<SqlValue>({ length: ROWS * this.#width }).fill(null);
    this.#inserts = STATEMENT_ROWS.map((rows) => ({
      taken: rows * this.#width,
      statement: database.prepare<[SqlValue[]]>(
        `${head} VALUES ${Array.from({ length: rows }).fill(row).join(',')} ${tail}`,
      ),
    }));
  }

  /** Returns the offset in `values` for the next row. Writes the waiting rows when there is no room. */
  next(): number {
    if (this.#used === this.values.length) {
      this.#write();
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += this.#width;
    if (this.#used > this.#filled) this.#filled = this.#used;
    return at;
  }

  /** Writes all rows that wait. */
  flush(): void {
    if (this.#used > 0) this.#write();
    this.clear();
  }

  #write(): void {
    let at = 0;
    for (const { taken, statement } of this.#inserts) {
      for (; this.#used - at >= taken; at += taken)
        statement.run(taken === this.values.length ? this.values : this.values.slice(at, at + taken));
    }
  }

  /** Forgets the rows that wait, and the texts of written rows. */
  clear(): void {
    this.values.fill(null, 0, this.#filled);
    this.#used = 0;
    this.#filled = 0;
  }
}
