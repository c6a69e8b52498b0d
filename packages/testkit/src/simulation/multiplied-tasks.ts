/** Multiplies some tasks of a generated tree: those that nothing reaches into or out of. */
import { isGroup, type SeededRandom, type TaskSubmission } from '@coppice/core';

type MultiplierFields = Pick<TaskSubmission, 'forEach' | 'matrix' | 'repeat' | 'as' | 'label' | 'policies'>;

/** `isMixed`: often, so that one is inside another, in all forms, and some with a limit of their own. */
export function multiplied(
  tasks: readonly TaskSubmission[],
  random: SeededRandom,
  isMixed: boolean,
): readonly TaskSubmission[] {
  if (random.next() < 0.5) return tasks;
  return tasks.map((task) => {
    const isChosen = random.next() < (isMixed ? 0.45 : 0.3);
    if (!isChosen || task.port !== undefined || !isClosed(task, tasks)) return task;
    return { ...task, ...(isMixed ? mixedMultiplier(task, random) : multiplier(random)) };
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

function mixedMultiplier(task: TaskSubmission, random: SeededRandom): MultiplierFields {
  const isLimited = random.next() < 0.3 && task.wait === undefined && task.approval === undefined;
  const policies = isLimited ? { policies: { concurrency: 1 + random.integer(2) } } : {};
  switch (random.integer(8)) {
    case 0:
      // A union of few values, however many have written it.
      return { forEach: '${{ vars.seen }}', as: 'letter', label: '${{ letter }}', ...policies };
    case 1:
      return { forEach: { a: 1, b: { c: 2 } }, label: '${{ item.key }}', ...policies };
    case 2:
      return { matrix: { a: [1, 2], b: ['x', 'y'], exclude: [{ a: 2, b: 'y' }], include: [{ a: 3 }] }, ...policies };
    case 3:
      return {
        repeat: { while: 'last == null || last.status == "completed"', max: 2, onLimit: 'complete', delayMs: 3 },
      };
    case 4:
      return { repeat: { until: 'last.status == "failed"', max: 1 + random.integer(2), onFailure: 'continue' } };
    default:
      return { ...multiplier(random), ...policies };
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
