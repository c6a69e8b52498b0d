/** Names of the tasks in a tree, for lines of many tasks. */
import type { Client } from '@coppice/client';
import type { NestedTask } from '@coppice/protocol';
import { oneLine } from '../live/task-text.ts';

export class TaskNames {
  readonly #names = new Map<string, string>();

  static async of(client: Client, taskId: string): Promise<TaskNames> {
    const names = new TaskNames();
    names.#add(await client.tasks.tree({ taskId, subtreeOnly: true }));
    return names;
  }

  get size(): number {
    return this.#names.size;
  }

  /** The name of a task; of one that was added later, the end of its id. */
  find(taskId: string): string {
    return this.#names.get(taskId) ?? taskId.slice(taskId.lastIndexOf('.', taskId.lastIndexOf('.') - 1) + 1);
  }

  #add({ id, name, children }: NestedTask): void {
    this.#names.set(id, oneLine(name));
    for (const child of children) this.#add(child);
  }
}
