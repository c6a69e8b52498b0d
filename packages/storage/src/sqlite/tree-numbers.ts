/**
 * Numbers of trees by id: every key of a tree's rows begins with it.
 * The writer remembers those in use, oldest forgotten first; a reader does not, for another process may delete the tree.
 */
import type { Database, Statement } from 'better-sqlite3';

const REMEMBERED = 10_000;

export class TreeNumbers {
  readonly #select: Statement<[string], { readonly no: number }>;
  readonly #known = new Map<string, number>();

  readonly #remembered: number;

  constructor(database: Database, { remember }: { readonly remember: boolean }) {
    this.#remembered = remember ? REMEMBERED : 0;
    this.#select = database.prepare('SELECT no FROM tree WHERE id = ?');
  }

  /** Inside a transaction, not for a tree that it creates: that number would be remembered even if it is rolled back. */
  find(treeId: string): number | undefined {
    const known = this.#known.get(treeId);
    if (known !== undefined) return known;
    const no = this.#select.get(treeId)?.no;
    if (no !== undefined) this.remember(treeId, no);
    return no;
  }

  /** Only for what is committed. */
  remember(treeId: string, no: number): void {
    this.#known.set(treeId, no);
    if (this.#known.size <= this.#remembered) return;
    const { value } = this.#known.keys().next();
    if (value !== undefined) this.#known.delete(value);
  }

  forget(treeId: string): void {
    this.#known.delete(treeId);
  }
}
