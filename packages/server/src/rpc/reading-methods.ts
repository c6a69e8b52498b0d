/** Methods that read tasks and trees. */
import type { TaskId } from '@coppice/core';
import type { GroupProgress } from '@coppice/engine';
import { insideToWire } from '../wire/observation-to-wire.ts';
import { listItemToWire, taskToWire, treeToWire } from '../wire/task-to-wire.ts';
import { answer, refuseUnknown } from './answer.ts';
import type { Principal } from './caller.ts';
import { filterOf, listPage } from './listing.ts';
import { findOwnTask } from './ownership.ts';
import type { Implementations, Services } from './services.ts';
import { showTree } from './tree-answer.ts';

type Names = 'tasks.get' | 'tasks.tree' | 'tasks.children' | 'tasks.list' | 'tasks.count';

export function readingMethods({ engine }: Services): Implementations<Names> {
  const { index } = engine;
  /** The copies of a task that the user may see: an admin may have made one for somebody else. */
  const copiesOf = async (principal: Principal, id: TaskId): Promise<TaskId[]> => {
    const copies = [...(await index.listCopies(id))];
    if (principal.role === 'admin') return copies;
    const seen = await Promise.all(copies.map((copy) => findOwnTask(engine, principal, copy)));
    return copies.filter((_copy, at) => seen[at]?.ok === true);
  };
  return {
    'tasks.get': async ({ taskId, inside }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const [tree, copiedBy] = await Promise.all([
        index.findTree(task.value.treeId),
        copiesOf(principal, task.value.id),
      ]);
      if (tree === undefined) return refuseUnknown('task', taskId);
      const { id, treeId, executor } = task.value;
      const groups = inside ? await engine.groups(treeId, [id]) : undefined;
      if (groups?.ok === false) return groups;
      const [group] = groups?.value ?? [];
      return answer({
        ...taskToWire(task.value),
        ...(hasInside(group, executor) ? { inside: insideToWire(group) } : {}),
        copiedBy,
        tree: treeToWire(tree),
      });
    },
    'tasks.tree': async ({ taskId, depth, inside, subtreeOnly }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const { id, treeId } = task.value;
      return showTree(engine, treeId, { depth, inside, taskId: subtreeOnly ? id : treeId });
    },
    'tasks.children': async ({ taskId }, { principal }) => {
      const task = await findOwnTask(engine, principal, taskId);
      if (!task.ok) return task;
      const children = await index.listChildren(task.value.id);
      return answer({ items: children.map(taskToWire) });
    },
    'tasks.list': async ({ limit, cursor, ...filter }, { principal }) => {
      const stored = filterOf(principal, filter);
      if (!stored.ok) return stored;
      const page = await listPage(engine, stored.value, { limit, cursor });
      if (!page.ok) return page;
      const { nextCursor } = page.value;
      const items = page.value.items.map(listItemToWire);
      return answer(nextCursor === undefined ? { items } : { items, nextCursor });
    },
    'tasks.count': async (filter, { principal }) => {
      const stored = filterOf(principal, filter);
      if (!stored.ok) return stored;
      const counts = { ...(await index.count(stored.value)) };
      return answer({ total: Object.values(counts).reduce((sum, count) => sum + count, 0), counts });
    },
  };
}

/** A task with an executor has an inside when it was multiplied. */
function hasInside(group: GroupProgress | undefined, executor: string | null): group is GroupProgress {
  return group !== undefined && (executor === null || group.total > 0);
}
