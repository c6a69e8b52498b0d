/**
 * Finds tasks by id. An id that begins with the id of its tree and a dot (as ids that were not submitted do) is found through the tree, so
 * creating a tree costs nothing here. All other ids are kept in a map.
 */
import type { TaskFacts } from '@coppice/core';
import type { MemoryTask, MemoryTree } from './memory-tree.ts';

export class TaskIndex {
  readonly #trees: ReadonlyMap<string, MemoryTree>;
  /** Trees by task id, for ids that do not name their tree. */
  readonly #others = new Map<string, MemoryTree>();

  /** `trees` is the live map of trees by id. */
  constructor(trees: ReadonlyMap<string, MemoryTree>) {
    this.#trees = trees;
  }

  /** The task with this id. */
  find(id: string): MemoryTask | undefined {
    const other = this.#others.get(id) ?? this.#trees.get(id);
    if (other !== undefined) return taskIn(other, id);
    for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) {
      const tree = this.#trees.get(id.slice(0, dot));
      const task = tree === undefined ? undefined : taskIn(tree, id);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** Adds the tasks of a new tree. */
  add(tree: MemoryTree): void {
    for (const task of tree.tasks) if (task !== undefined && !leadsTo(tree, task.id)) this.#others.set(task.id, tree);
  }

  /** Makes a task known that has come into a tree. */
  addOne(tree: MemoryTree, { id, index }: Pick<TaskFacts, 'id' | 'index'>): void {
    tree.positions?.set(id, index);
    if (!leadsTo(tree, id)) this.#others.set(id, tree);
  }

  /** Forgets the task at a position, which is still in its tree. */
  remove(tree: MemoryTree, { id }: TaskFacts): void {
    this.#others.delete(id);
    tree.positions?.delete(id);
  }
}

/** True when the id itself names its tree. */
export function leadsTo({ treeId }: Pick<MemoryTree, 'treeId'>, id: string): boolean {
  return id === treeId || (id.charCodeAt(treeId.length) === DOT && id.startsWith(treeId));
}

const DOT = 46;

function taskIn(tree: MemoryTree, id: string): MemoryTask | undefined {
  tree.positions ??= positionsOf(tree);
  const index = tree.positions.get(id);
  return index === undefined ? undefined : { tree, index };
}

function positionsOf({ tasks }: MemoryTree): Map<string, number> {
  const positions = new Map<string, number>();
  for (const task of tasks) if (task !== undefined) positions.set(task.id, task.index);
  return positions;
}
