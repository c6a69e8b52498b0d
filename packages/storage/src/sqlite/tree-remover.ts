/** Removes every row of a tree. Only used inside a transaction. */
import type { Database, Statement } from 'better-sqlite3';
import { inTree } from './columns.ts';
import type { Contents } from './contents.ts';

export class TreeRemover {
  readonly #byNumber: readonly Statement<[number, number]>[];
  readonly #byId: readonly Statement<[string]>[];
  readonly #contents: Contents;

  constructor(database: Database, contents: Contents) {
    this.#contents = contents;
    this.#byNumber = ['event', 'event_part', 'task_execution', 'task_tag', 'task', 'task_log'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE ${inTree('no')}`),
    );
    this.#byId = [
      database.prepare('DELETE FROM snapshot WHERE tree_id = ?'),
      database.prepare('DELETE FROM snapshot_piece WHERE tree_id = ?'),
      database.prepare('DELETE FROM subscriber_cursor WHERE tree_id = ?'),
      database.prepare('DELETE FROM tree WHERE id = ?'),
    ];
  }

  remove(treeId: string, no: number): void {
    for (const statement of this.#byNumber) statement.run(no, no);
    this.#contents.removeTree(no);
    for (const statement of this.#byId) statement.run(treeId);
  }
}
