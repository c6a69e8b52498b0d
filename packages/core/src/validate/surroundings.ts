/**
 * What expressions may read because of the groups around their task: inside a group with inputs, `inputs` are those. Nearly no tree has
 * such a group, and then nothing is made.
 */
import type { JsonObject } from '@coppice/extension';
import { isGroup, type OfAKind } from '../task/kind.ts';
import type { ExpressionFacts } from './expressions.ts';

/** What is read of a task, submitted or stored. */
interface Surrounding extends OfAKind {
  readonly inputs?: JsonObject | undefined;
}

/** The facts by which expressions are checked. */
export interface Surroundings<Facts> {
  /** Of the task at a position. */
  around(position: number): Facts;
  /** Of what stands inside the group at a position. */
  within(position: number): Facts;
}

/** `parents`: position of each task's parent, -1: none; a forest. `facts`: where no group says otherwise. */
export function surroundingsOf<Facts extends ExpressionFacts>(
  tasks: readonly Surrounding[],
  parents: ArrayLike<number>,
  facts: Facts,
): Surroundings<Facts> {
  if (!tasks.some(hasOwnInputs)) return { around: () => facts, within: () => facts };
  const known: (Facts | undefined)[] = [];
  const within = (position: number): Facts => {
    const path: number[] = [];
    let at = position;
    for (; at >= 0 && known[at] === undefined; at = parents[at] as number) path.push(at);
    let found = at < 0 ? facts : (known[at] as Facts);
    for (const each of path.reverse()) known[each] = found = inside(tasks[each] as Surrounding, found);
    return found;
  };
  return { around: (position) => within(parents[position] as number), within };
}

function inside<Facts extends ExpressionFacts>(task: Surrounding, facts: Facts): Facts {
  return hasOwnInputs(task) ? { ...facts, names: { ...facts.names, inputs: task.inputs } } : facts;
}

function hasOwnInputs(task: Surrounding): boolean {
  if (task.inputs === undefined || !isGroup(task)) return false;
  for (const _ in task.inputs) return true;
  return false;
}
