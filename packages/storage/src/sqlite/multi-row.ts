/**
 * A prepared INSERT of many rows, because most of the cost of a small row is the call (docs/decisions/0021).
 * Rows wait in one flat array until it is full. `flush` writes the rest one by one. Only used inside a transaction.
 */
import type { Database, Statement } from 'better-sqlite3';

export type SqlValue = string | number | null;

const ROWS = 10;

export class MultiRowInsert {
  /** Values of the rows that wait, row after row. Callers fill `width` of them from `next()` on. */
  readonly values: SqlValue[];
  readonly #width: number;
  readonly #many: Statement<[SqlValue[]]>;
  readonly #one: Statement<[SqlValue[]]>;
  #used = 0;

  /** `row` is the SQL of one row with its placeholders; `tail` is the SQL after the last row. */
  constructor(database: Database, sql: { readonly head: string; readonly row: string; readonly tail?: string }) {
    const { head, row, tail = '' } = sql;
    this.#width = row.split('?').length - 1;
    this.values = Array.from<SqlValue>({ length: ROWS * this.#width }).fill(null);
    this.#many = database.prepare<[SqlValue[]]>(
      `${head} VALUES ${Array.from({ length: ROWS }).fill(row).join(',')} ${tail}`,
    );
    this.#one = database.prepare<[SqlValue[]]>(`${head} VALUES ${row} ${tail}`);
  }

  /** Returns the offset in `values` for the next row. Writes the waiting rows when there is no room. */
  next(): number {
    if (this.#used === this.values.length) {
      this.#many.run(this.values);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += this.#width;
    return at;
  }

  /** Writes all rows that wait. */
  flush(): void {
    if (this.#used === this.values.length) {
      this.#many.run(this.values);
    } else {
      for (let at = 0; at < this.#used; at += this.#width) this.#one.run(this.values.slice(at, at + this.#width));
    }
    this.clear();
  }

  /** Forgets the rows that wait, and the texts of written rows. */
  clear(): void {
    this.#used = 0;
    this.values.fill(null);
  }
}
