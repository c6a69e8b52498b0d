/** Merges: how what tasks write to one variable becomes one value. */
import type { Json } from './json.ts';

/**
 * A contributed, pure merge: the value of a variable after a write. It must be associative: `merge(merge(a, b), c)` equals
 * `merge(a, merge(b, c))`. It is tried on generated values when the extension is loaded. Throw for values that do not fit.
 */
export type MergeFunction = (former: Json, written: Json) => Json;

/** A named merge. */
export interface Merge {
  /** Unique name that declarations of variables refer to. */
  readonly name: string;
  readonly merge: MergeFunction;
}
