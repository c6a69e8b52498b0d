/** Which rows the timeline has, in the order of the tree: all tasks without the members of folded groups. */
import type { RunView, TaskView } from '@coppice/client';
import { isMultiplied, multipliedIn } from './first-look.ts';
import { unfoldAbove } from './folding.ts';

export interface ShownRow {
  readonly task: TaskView;
  readonly depth: number;
}

export class TimelineRows {
  #folded = new Set<string>();
  #list: readonly ShownRow[] = [];
  #indexOf = new Map<string, number>();
  #root: TaskView | undefined;

  get list(): readonly ShownRow[] {
    return this.#list;
  }

  get folded(): ReadonlySet<string> {
    return this.#folded;
  }

  /** Another tree begins. `folded`: as a person left it; undefined: multiplied tasks are one row each, with counts. */
  begin(view: RunView, folded: Iterable<string> | undefined): void {
    this.#folded = folded === undefined ? multipliedIn(view) : new Set(folded);
  }

  /** Finds all rows anew: another moment, or another tree. */
  show(view: RunView): void {
    this.#root = view.root;
    this.#list = rowsOf(view.root, this.#folded);
    this.#indexOf = new Map(this.#list.map(({ task }, index) => [task.id, index]));
  }

  /** -1: it has no row. */
  indexOf(taskId: string | undefined): number {
    return taskId === undefined ? -1 : (this.#indexOf.get(taskId) ?? -1);
  }

  /** Takes in that tasks changed. True when some came or went, so that rows are others; a multiplied task stays one row. */
  takeIn(tasks: readonly TaskView[], view: RunView): boolean {
    const isOther = tasks.some((task) => this.#isMisplaced(task));
    if (!isOther) return false;
    for (const { parent } of tasks) {
      const isNew = parent !== undefined && isMultiplied(parent) && !this.#hasMemberRow(parent);
      if (isNew) this.#folded.add(parent.id);
    }
    this.show(view);
    return true;
  }

  fold(taskId: string, isFolded: boolean, view: RunView): void {
    if (isFolded) this.#folded.add(taskId);
    else this.#folded.delete(taskId);
    this.show(view);
  }

  /** Opens the groups above a task; answers its row. */
  reveal(task: TaskView, view: RunView): number {
    if (unfoldAbove(task, this.#folded)) this.show(view);
    return this.indexOf(task.id);
  }

  #isMisplaced(task: TaskView): boolean {
    const isShown = this.#indexOf.has(task.id);
    if (task.isDeleted) return isShown;
    if (isShown) return false;
    const { parent } = task;
    if (parent === undefined) return task !== this.#root;
    return this.#indexOf.has(parent.id) && !this.#folded.has(parent.id);
  }

  #hasMemberRow({ children }: TaskView): boolean {
    return children.some(({ id }) => this.#indexOf.has(id));
  }
}

/** All tasks, without the members of folded groups. */
export function rowsOf(root: TaskView | undefined, folded: ReadonlySet<string>): readonly ShownRow[] {
  const shown: ShownRow[] = [];
  const stack: ShownRow[] = root === undefined ? [] : [{ task: root, depth: 0 }];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (row.task.isDeleted) continue;
    shown.push(row);
    if (folded.has(row.task.id)) continue;
    const { depth, task } = row;
    for (const child of task.children.toReversed()) stack.push({ task: child, depth: depth + 1 });
  }
  return shown;
}
