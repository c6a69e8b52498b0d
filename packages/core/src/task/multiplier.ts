/**
 * Multiplied tasks: a task with a multiplier stands for copies of itself without it. In a definition it is a group whose `multiplier` holds
 * what a copy is made of; when the group opens, the copies become its members. A submission writes the multiplier as fields of the task.
 */
import type { CutPart, Json, JsonObject } from '@coppice/extension';
import type { SecretReference } from '../run/secret-reference.ts';

/** Lists of values by name; what comes of them is their product, in declared order. */
export interface Matrix {
  readonly [axis: string]: Json;
}

/** Copies one after the other. `while` is asked before each copy, `until` after each; both are CEL. */
export interface RepeatPolicy {
  /** The next copy is made while this is true. Default true. */
  readonly while?: string;
  /** No further copy is made once this is true. Default: never. */
  readonly until?: string;
  /** Copies at most, at least 1. */
  readonly max: number;
  /** Time between the end of a copy and the start of the next, ms. Default 0. */
  readonly delayMs?: number;
  /** What becomes of the task when `max` copies have run and a condition would go on. Default fail. */
  readonly onLimit?: 'fail' | 'complete';
  /** `continue`: a copy that fails does not end the repetition; the next one sees it as `last`. Default stop. */
  readonly onFailure?: 'stop' | 'continue';
}

/** How a submission says it: exactly one of the first three. */
export interface MultiplierFields {
  /** A list, or an object (a list of `{ key, value }`), or an expression that gives one: one copy for each item, all at once. */
  readonly forEach?: Json | undefined;
  /** One copy for each combination of values. `exclude` and `include` are lists of combinations. */
  readonly matrix?: Matrix | undefined;
  readonly repeat?: RepeatPolicy | undefined;
  /** Name under which expressions read the item. Default `item`. */
  readonly as?: string | undefined;
  /** Names of the copies, with expressions in it. */
  readonly label?: string | undefined;
}

/** What the expressions of a copy, and of what is below it, read by name. */
export interface Given {
  readonly values: JsonObject;
  /** Where secrets stand in the values; absent: nowhere. */
  readonly secrets?: readonly SecretReference[];
  /** Texts of `last.output` that are not whole, by their path in it; absent: none. */
  readonly cut?: readonly CutPart[];
}

export const MULTIPLIER_FIELDS = [
  'forEach',
  'matrix',
  'repeat',
  'as',
  'label',
] as const satisfies readonly (keyof MultiplierFields)[];

export const ITEM = 'item';

/** True for a submission that multiplies its task. */
export function isMultiplied({ forEach, matrix, repeat }: MultiplierFields): boolean {
  return forEach !== undefined || matrix !== undefined || repeat !== undefined;
}

/** Names that expressions inside a multiplied task read. */
export function namesGiven({ repeat, as }: MultiplierFields): readonly string[] {
  return repeat === undefined ? [as ?? ITEM, 'index'] : ['last', 'index'];
}
