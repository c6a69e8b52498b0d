/**
 * What expressions may read because of what is around their task: inside a group with inputs, `inputs` are those; inside a multiplied task,
 * there is its item. Few trees have such a task, and then nothing is made.
 */
import type { JsonObject } from '@coppice/extension';
import type { Declares } from '../task/declared-inputs.ts';
import { isGroup, type OfAKind } from '../task/kind.ts';
import { isMultiplied, namesGiven, type Given, type MultiplierFields } from '../task/multiplier.ts';
import type { ExpressionFacts } from './expressions.ts';

/** What is read of a task, submitted or stored. */
interface Surrounding extends OfAKind, MultiplierFields {
  readonly inputs?: JsonObject | undefined;
  readonly declares?: Declares | undefined;
  readonly multiplier?: MultiplierFields | undefined;
  readonly given?: Given | undefined;
}

/** The facts by which expressions are checked. */
export interface Surroundings<Facts> {
  /** Of the task at a position. */
  around(position: number): Facts;
  /** Of what is copied, when the task at a position is multiplied. */
  copied(position: number): Facts;
  /** Of what stands inside the group at a position. */
  within(position: number): Facts;
}

/** `parents`: position of each task's parent, -1: none; a forest. `facts`: where nothing around says otherwise. */
export function surroundingsOf<Facts extends ExpressionFacts>(
  tasks: readonly Surrounding[],
  parents: ArrayLike<number>,
  facts: Facts,
): Surroundings<Facts> {
  if (!tasks.some((task) => hasOwnInputs(task) || namesOf(task) !== undefined))
    return { around: () => facts, copied: () => facts, within: () => facts };
  const known: (Facts | undefined)[] = [];
  const within = (position: number): Facts => {
    const path: number[] = [];
    let at = position;
    for (; at >= 0 && known[at] === undefined; at = parents[at] as number) path.push(at);
    let found = at < 0 ? facts : (known[at] as Facts);
    for (const each of path.reverse()) {
      const task = tasks[each] as Surrounding;
      known[each] = found = withInputs(task, copiedIn(task, found));
    }
    return found;
  };
  const around = (position: number): Facts => within(parents[position] as number);
  return { around, copied: (position) => copiedIn(tasks[position] as Surrounding, around(position)), within };
}

/** The facts with names that a multiplied task gives. */
export function withNames<Facts extends ExpressionFacts>(facts: Facts, names: readonly string[]): Facts {
  return { ...facts, given: [...new Set([...(facts.given ?? []), ...names])] };
}

function copiedIn<Facts extends ExpressionFacts>(task: Surrounding, facts: Facts): Facts {
  const names = namesOf(task);
  return names === undefined ? facts : withNames(facts, names);
}

function namesOf(task: Surrounding): readonly string[] | undefined {
  if (task.given !== undefined) return Object.keys(task.given.values);
  const fields = task.multiplier ?? task;
  return isMultiplied(fields) ? namesGiven(fields) : undefined;
}

function withInputs<Facts extends ExpressionFacts>(task: Surrounding, facts: Facts): Facts {
  if (!hasOwnInputs(task)) return facts;
  const declaredInputs = task.declares?.inputs;
  return { ...facts, declaredInputs, names: { ...facts.names, inputs: { ...declaredInputs, ...task.inputs } } };
}

function hasOwnInputs(task: Surrounding): boolean {
  if (!isGroup(task)) return false;
  if (task.declares?.inputs !== undefined) return true;
  for (const _ in task.inputs) return true;
  return false;
}
