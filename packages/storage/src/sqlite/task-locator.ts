/**
 * Finds tasks by id. An id that follows from tree and position is not stored (see `record/task-text.ts`): it names its tree. All other ids
 * have an index.
 */
import type { Database, Statement } from 'better-sqlite3';

/** Where a task is: number of its tree, and its position there. */
export interface TaskPlace {
  readonly treeNo: number;
  readonly index: number;
}

interface TreePlace {
  readonly no: number;
  readonly rootIndex: number;
}

export class TaskLocator {
  readonly #named: Statement<[string], TaskPlace>;
  readonly #allNamed: Statement<[string], { readonly id: string }>;
  readonly #tree: Statement<[string], TreePlace>;
  readonly #allTrees: Statement<[string], { readonly id: string }>;
  readonly #unnamed: Statement<[number, number], { readonly found: number }>;

  constructor(database: Database) {
    this.#named = database.prepare('SELECT no >> 32 AS treeNo, no & 0xffffffff AS "index" FROM task WHERE id = ?');
    this.#allNamed = database.prepare('SELECT k.id AS id FROM json_each(?) ids CROSS JOIN task k ON k.id = ids.value');
    this.#tree = database.prepare('SELECT no, root_index AS rootIndex FROM tree WHERE id = ?');
    this.#allTrees = database.prepare('SELECT t.id AS id FROM json_each(?) ids CROSS JOIN tree t ON t.id = ids.value');
    this.#unnamed = database.prepare('SELECT 1 AS found FROM task WHERE no = ((? << 32) | ?) AND id IS NULL');
  }

  find(id: string): TaskPlace | undefined {
    const tree = this.#tree.get(id);
    if (tree !== undefined) return { treeNo: tree.no, index: tree.rootIndex };
    return this.#named.get(id) ?? this.#derived(id);
  }

  /** True when a task was given this id. */
  isNamed(id: string): boolean {
    return this.#named.get(id) !== undefined;
  }

  /** Returns the given ids that exist, in their order. */
  existing<Id extends string>(ids: readonly Id[]): Id[] {
    const text = JSON.stringify(ids);
    const found = new Set([...this.#allTrees.all(text), ...this.#allNamed.all(text)].map(({ id }) => id));
    return ids.filter((id) => found.has(id) || this.#derived(id) !== undefined);
  }

  /** Finds the task of an id that was made from tree id and position. */
  #derived(id: string): TaskPlace | undefined {
    const dot = id.lastIndexOf('.');
    if (dot < 1) return undefined;
    const digits = id.slice(dot + 1);
    const index = Number.parseInt(digits, 36);
    if (index.toString(36) !== digits) return undefined;
    const tree = this.#tree.get(id.slice(0, dot));
    if (tree === undefined || index === tree.rootIndex || this.#unnamed.get(tree.no, index) === undefined)
      return undefined;
    return { treeNo: tree.no, index };
  }
}
