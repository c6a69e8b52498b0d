/**
 * Texts that are kept once, however many events and rows of whatever trees hold them. Each tree that uses a text is noted, in the
 * transaction that writes the event; the text goes with the last of these trees.
 */
import type { Database, Statement } from 'better-sqlite3';
import { hashOf, NO_CONTENT, type FindContent } from '../record/large-values.ts';
import { StoreError } from '../store-error.ts';

export class Contents {
  readonly #find: Statement<[Buffer], { readonly no: number }>;
  readonly #read: Statement<[Buffer], { readonly text: string }>;
  readonly #insert: Statement<[Buffer, string]>;
  readonly #use: Statement<[number, number]>;
  readonly #deleteUnused: Statement<[number, number]>;
  readonly #forget: Statement<[number]>;
  /** What the running transaction has kept, with the trees: an output is written in an event and in a row. */
  readonly #kept = new Map<string, { readonly hash: string; readonly tree: number }>();

  constructor(database: Database) {
    this.#find = database.prepare('SELECT no FROM content WHERE hash = ?');
    this.#read = database.prepare('SELECT text FROM content WHERE hash = ?');
    this.#insert = database.prepare('INSERT INTO content (hash, text) VALUES (?, ?)');
    this.#use = database.prepare('INSERT OR IGNORE INTO content_use (tree, content) VALUES (?, ?)');
    this.#deleteUnused = database.prepare(
      `DELETE FROM content WHERE no IN (SELECT content FROM content_use WHERE tree = ?)
        AND NOT EXISTS (SELECT 1 FROM content_use u WHERE u.content = content.no AND u.tree <> ?)`,
    );
    this.#forget = database.prepare('DELETE FROM content_use WHERE tree = ?');
  }

  /** Keeps a text for a tree; answers its hash. Only used inside a transaction. */
  keep(tree: number, text: string): string {
    const known = this.#kept.get(text);
    if (known?.tree === tree) return known.hash;
    const hash = known?.hash ?? hashOf(text);
    const key = Buffer.from(hash, 'hex');
    const no = this.#find.get(key)?.no ?? Number(this.#insert.run(key, text).lastInsertRowid);
    this.#use.run(tree, no);
    this.#kept.set(text, { hash, tree });
    return hash;
  }

  /** The transaction is over. */
  settle(): void {
    if (this.#kept.size > 0) this.#kept.clear();
  }

  readonly find: FindContent = (hash) => {
    const text = this.#read.get(Buffer.from(hash, 'hex'))?.text;
    if (text === undefined) return NO_CONTENT(hash);
    if (hashOf(text) === hash) return text;
    throw new StoreError('storage/corrupt', `its content ${hash} is not as it was written`);
  };

  /** Deletes what no other tree uses. Only used inside a transaction. */
  removeTree(tree: number): void {
    this.#deleteUnused.run(tree, tree);
    this.#forget.run(tree);
  }
}
