/** What a run ended with, beside its status, in words. */
import type { RunResult } from './run-view.ts';

/** Characters of one value. */
const VALUE_MAX = 60;

/** One line each: the variables, and what is wrong with some. */
export function resultLines({ variables = {}, conflicts = [], problem, outputs = {} }: RunResult): readonly string[] {
  const values = Object.entries(variables).map(([name, value]) => `${name} ${short(JSON.stringify(value))}`);
  const made = Object.entries(outputs).map(([name, value]) => `${name} ${short(JSON.stringify(value))}`);
  const lines = [
    ...(values.length === 0 ? [] : [`Variables: ${values.join(' · ')}`]),
    ...(made.length === 0 ? [] : [`Outputs: ${made.join(' · ')}`]),
  ];
  const faults = conflicts.map(
    ({ variable, tasks }) =>
      `The variable ${variable} has no value: ${tasks.join(' and ')} both wrote it, and neither depends on the other`,
  );
  return [...lines, ...faults, ...(problem === undefined ? [] : [`The variables have no values: ${problem}`])];
}

function short(text: string): string {
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text;
}
