/** The answer that shows a whole tree. */
import type { TaskId, TreeId } from '@coppice/core';
import type { Engine, GroupProgress } from '@coppice/engine';
import { NESTING_MAX } from '@coppice/protocol';
import type { NestedTask } from '@coppice/protocol';
import { nest } from '../wire/nest.ts';
import { insideToWire } from '../wire/observation-to-wire.ts';
import { treeToWire } from '../wire/task-to-wire.ts';
import { answer, refuseUnknown } from './answer.ts';
import type { Answer } from './answer.ts';

export interface ShownPart {
  /** The outermost task; default the root. */
  readonly taskId?: TaskId;
  /** Levels of children to show; default the most that one answer nests. */
  readonly depth?: number;
  /** true: say of tasks with children how far those below them are. */
  readonly inside?: boolean;
}

/** Reads a tree and nests it. A tree that was removed meanwhile is unknown. */
export async function showTree(engine: Engine, treeId: TreeId, part: ShownPart = {}): Promise<Answer<NestedTask>> {
  const [tree, tasks] = await Promise.all([engine.index.findTree(treeId), engine.index.listTasks(treeId)]);
  const nested = nest(tasks, { rootId: part.taskId ?? treeId, depth: part.depth ?? NESTING_MAX });
  if (tree === undefined || nested === undefined) return refuseUnknown('tree', treeId);
  if (part.inside === true) {
    const groups = await engine.groups(treeId, 'all');
    if (!groups.ok) return groups;
    addInside(nested, groups.value);
  }
  return answer({ ...nested, tree: treeToWire(tree) });
}

function addInside(outermost: NestedTask, groups: readonly GroupProgress[]): void {
  const byId = new Map<string, GroupProgress>(groups.map((group) => [group.taskId, group]));
  const stack = [outermost];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    const group = byId.get(task.id);
    if (group !== undefined) task.inside = insideToWire(group);
    for (const child of task.children) stack.push(child);
  }
}
