/** Multiplies some tasks of a generated tree: those that nothing reaches into or out of. */
import { isGroup, type SeededRandom, type TaskSubmission } from '@coppice/core';

type MultiplierFields = Pick<TaskSubmission, 'forEach' | 'matrix' | 'repeat' | 'as' | 'label'>;

export function multiplied(tasks: readonly TaskSubmission[], random: SeededRandom): readonly TaskSubmission[] {
  if (random.next() < 0.5) return tasks;
  return tasks.map((task) => {
    const isChosen = random.next() < 0.3;
    return isChosen && task.port === undefined && isClosed(task, tasks) ? { ...task, ...multiplier(random) } : task;
  });
}

function multiplier(random: SeededRandom): MultiplierFields {
  switch (random.integer(3)) {
    case 0:
      return { forEach: [1, 2, 3].slice(0, random.integer(4)), label: 'item ${{ item }} of ${{ task.key }}' };
    case 1:
      return { matrix: { a: [1, 2], b: ['x'] }, as: 'cell' };
    default:
      return { repeat: { until: `index >= ${random.integer(3)}`, max: 3, delayMs: random.integer(5) } };
  }
}

/** True when no dependency crosses the border of what is copied, and nobody asks for a port of it. */
function isClosed(top: TaskSubmission, tasks: readonly TaskSubmission[]): boolean {
  const keyOf = ({ id, name }: TaskSubmission): string => id ?? name ?? '';
  const inside = new Set<string>();
  const below = tasks.filter(({ parentId }) => parentId === keyOf(top));
  for (let task = below.pop(); task !== undefined; task = below.pop()) {
    const key = keyOf(task);
    inside.add(key);
    below.push(...tasks.filter(({ parentId }) => parentId === key));
  }
  if (inside.size === 0 ? isGroup(top) : !isGroup(top)) return false;
  return tasks.every((task) =>
    (task.dependencies ?? []).every((dependency) => {
      const source = typeof dependency === 'string' ? dependency : dependency.task;
      if (source === keyOf(top)) return typeof dependency === 'string' || (dependency.port ?? null) === null;
      return inside.has(source) === inside.has(keyOf(task));
    }),
  );
}
