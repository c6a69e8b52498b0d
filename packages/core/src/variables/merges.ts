/** Merges that come with Coppice: which values they take, and what many writes in their order become. */
import { canonicalText } from '../task/canonical-text.ts';
import type { Json, JsonObject, MergeFunction } from '@coppice/extension';
import { isJsonObject } from '../task/json-value.ts';
import { setOwn } from '../task/set-own.ts';

export interface BuiltInMerge {
  /** In words, of what may be written. */
  readonly takes: string;
  readonly fits: (value: Json) => boolean;
  /** The value after all these writes, at least one. A `former` value of null counts as none. */
  readonly fold: (former: Json, written: readonly Json[]) => Json;
}

const isNumber = (value: Json): boolean => typeof value === 'number';
const any = (): boolean => true;

function onNumbers(apply: (a: number, b: number) => number): BuiltInMerge {
  return {
    takes: 'a number',
    fits: isNumber,
    fold: (former, written) =>
      (former === null ? written : [former, ...written]).map(Number).reduce((a, b) => apply(a, b)),
  };
}

export const BUILT_IN_MERGES = {
  replace: { takes: 'anything', fits: any, fold: (_former, written) => written.at(-1) as Json },
  sum: onNumbers((a, b) => a + b),
  max: onNumbers(Math.max),
  min: onNumbers(Math.min),
  append: { takes: 'an item, or a list of items', fits: any, fold: (former, written) => itemsOf(former, written) },
  union: {
    takes: 'an item, or a list of items',
    fits: any,
    fold: (former, written) => distinct(itemsOf(former, written)),
  },
  deepMerge: {
    takes: 'a map',
    fits: isJsonObject,
    fold: (former, written) => [former ?? {}, ...written].reduce((a, b) => mergeMaps(a as JsonObject, b as JsonObject)),
  },
} as const satisfies Readonly<Record<string, BuiltInMerge>>;

export type BuiltInMergeName = keyof typeof BUILT_IN_MERGES;

export function findBuiltIn(name: string): BuiltInMerge | undefined {
  return Object.hasOwn(BUILT_IN_MERGES, name) ? BUILT_IN_MERGES[name as BuiltInMergeName] : undefined;
}

/** A contributed merge as one of the others. */
export function contributedMerge(merge: MergeFunction): BuiltInMerge {
  return {
    takes: 'what its extension says',
    fits: any,
    fold: (former, written) => (former === null ? written : [former, ...written]).reduce((a, b) => merge(a, b)),
  };
}

function itemsOf(former: Json, written: readonly Json[]): readonly Json[] {
  return [...(former === null ? [] : [former]), ...written].flat() as readonly Json[];
}

/** Each value once, where it came first. Values are compared as JSON. */
function distinct(items: readonly Json[]): readonly Json[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const { size } = seen;
    return seen.add(canonicalText(item)).size > size;
  });
}

/** Maps inside both are merged, anything else is replaced. Depth is that of the values, which has a limit at the border. */
function mergeMaps(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, Json> = {};
  for (const key of Object.keys(a)) setOwn(merged, key, a[key] as Json);
  for (const key of Object.keys(b)) {
    const [former, written] = [Object.hasOwn(a, key) ? (a[key] as Json) : null, b[key] as Json];
    setOwn(merged, key, isJsonObject(former) && isJsonObject(written) ? mergeMaps(former, written) : written);
  }
  return merged;
}
