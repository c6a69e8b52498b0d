/**
 * Numbers of trees by id. Every key of a tree's rows begins with the number of the tree.
 * The writer remembers numbers in use and forgets the oldest first. A reader remembers none, because another process may delete a tree.
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

  /** Finds a number. A transaction must not ask for a tree that it creates: the number would be remembered even after a roll-back. */
  find(treeId: string): number | undefined {
    const known = this.#known.get(treeId);
    if (known !== undefined) return known;
    const no = this.#select.get(treeId)?.no;
    if (no !== undefined) this.remember(treeId, no);
    return no;
  }

  /** Remembers the number of a tree. Call it only after the commit. */
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
