/** The ways in which several values become one. */
import { TerminalError, type Json, type JsonObject } from '@coppice/extension';

/** Every mode, and what it answers. */
export const modes = {
  object: 'an object of the values by dependency',
  list: 'the values as a list',
  merge: 'one object of the members of all objects, later ones winning; nulls are left out',
  concat: 'one list of the items of all lists; a value that is no list is one item, nulls are left out',
  sum: 'the sum of the numbers; nulls count as 0',
  min: 'the smallest number, or null when there is none; nulls are left out',
  max: 'the largest number, or null when there is none; nulls are left out',
  count: 'how many values are not null',
  first: 'the first value that is not null, or null',
} as const;

export type Mode = keyof typeof modes;

type NamedValue = readonly [name: string, value: Json];

/** Combines values in their order. Throws a TerminalError that names the dependency whose value does not fit the mode. */
export function combine(mode: Mode, values: readonly NamedValue[]): Json {
  const present = values.filter(([, value]) => value !== null);
  switch (mode) {
    case 'object':
      return Object.fromEntries(values);
    case 'list':
      return values.map(([, value]) => value);
    case 'merge':
      return Object.fromEntries(present.flatMap((value) => Object.entries(asObject(value))));
    case 'concat':
      return present.flatMap(([, value]) => value);
    case 'sum':
      return finite(present.map(asNumber).reduce((sum, value) => sum + value, 0));
    case 'min':
      return present.map(asNumber).reduce<number | null>((least, value) => Math.min(least ?? value, value), null);
    case 'max':
      return present.map(asNumber).reduce<number | null>((most, value) => Math.max(most ?? value, value), null);
    case 'count':
      return present.length;
    case 'first':
      return present[0]?.[1] ?? null;
  }
}

/** JSON has no number that is larger: it would become null without a word. */
function finite(sum: number): number {
  if (Number.isFinite(sum)) return sum;
  throw new TerminalError(
    `The sum is above the largest number that there is (${Number.MAX_VALUE}); sum smaller values`,
    {
      code: 'aggregate/overflow',
    },
  );
}

function asNumber(named: NamedValue): number {
  return typeof named[1] === 'number' ? named[1] : refuse(named, 'a number');
}

function asObject(named: NamedValue): JsonObject {
  const [, value] = named;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : refuse(named, 'an object');
}

function refuse([name, value]: NamedValue, expected: string): never {
  const actual = Array.isArray(value) ? 'a list' : typeof value;
  throw new TerminalError(
    `The value of dependency "${name}" is ${actual}, not ${expected}; use "pick" to take a part of it`,
    {
      code: 'aggregate/wrong-type',
    },
  );
}
