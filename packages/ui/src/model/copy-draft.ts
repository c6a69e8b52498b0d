/**
 * Re-execution as a copy, step by step: a copy is stored but not run, so that it can be seen what it reuses and what it runs
 * again; inputs are edited in it; then it is run, or thrown away.
 */
import { isGroup } from '@coppice/client';
import type { Client } from '@coppice/client';
import type { CopyOptions, JsonObject, NestedTask } from '@coppice/protocol';

/** A task of the copy. */
export interface DraftTask {
  readonly id: string;
  readonly originalTaskId: string | undefined;
  readonly name: string;
  /** undefined: a group. */
  readonly executor: string | undefined;
  readonly inputs: JsonObject;
  /** false: its recorded result is used. */
  readonly willRun: boolean;
  readonly depth: number;
}

export interface CopyDraft {
  readonly treeId: string;
  readonly name: string;
  readonly tasks: readonly DraftTask[];
}

/** Makes the copy. Rejects as `tasks.copy` does. */
export async function draftCopy(client: Client, taskId: string, options: CopyOptions = {}): Promise<CopyDraft> {
  const root = await client.tasks.copy({ taskId, ...options });
  if (Array.isArray(root)) throw new TypeError('The server stored no copy');
  return { treeId: root.treeId, name: root.name, tasks: draftTasks(root) };
}

function draftTasks(root: NestedTask): readonly DraftTask[] {
  const tasks: DraftTask[] = [];
  const stack: { readonly task: NestedTask; readonly depth: number }[] = [{ task: root, depth: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { task, depth } = top;
    tasks.push({
      id: task.id,
      originalTaskId: task.originalTaskId ?? undefined,
      name: task.name,
      executor: task.executor ?? undefined,
      inputs: task.inputs,
      willRun: task.status === 'pending' && !task.reused,
      depth,
    });
    for (const child of task.children.toReversed()) stack.push({ task: child, depth: depth + 1 });
  }
  return tasks;
}

/** `runs 4 tasks again, reuses 12 results`. */
export function draftText({ tasks }: CopyDraft): string {
  const work = tasks.filter((task) => !isGroup(task));
  const again = work.filter(({ willRun }) => willRun).length;
  const reused = work.length - again;
  const results = reused === 1 ? '1 result' : `${reused} results`;
  return `runs ${again === 1 ? '1 task' : `${again} tasks`} again, reuses ${results}`;
}

/** Gives a task of the copy other inputs. Rejects with all that is wrong with them, and changes nothing then. */
export async function editDraft(client: Client, taskId: string, inputs: JsonObject): Promise<void> {
  await client.tasks.update({ taskId, patch: { inputs } });
}

/** Runs the copy. */
export async function runDraft(client: Client, { treeId }: CopyDraft): Promise<void> {
  await client.tasks.execute({ taskId: treeId });
}

/** Throws the copy away. */
export async function discardDraft(client: Client, { treeId }: CopyDraft): Promise<void> {
  await client.tasks.delete({ taskId: treeId });
}
