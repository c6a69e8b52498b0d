/** Cursors of listings, and the checks of paging arguments. */
import type { TaskFilter } from '@coppice/core';
import { StoreError } from '../store-error.ts';

/** Place of a row in the listing order (newest first): number of its tree, and its declared position there. */
export interface Place {
  readonly treeNo: number;
  readonly index: number;
}

export function cursorText(place: Place): string {
  return Buffer.from(`${place.treeNo}.${place.index}`).toString('base64url');
}

export function placeOf(cursor: string): Place {
  const match = /^(\d{1,15})\.(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) {
    throw new StoreError(
      'storage/invalid-argument',
      `Cursor ${JSON.stringify(cursor)} was not given by a listing; start again without a cursor`,
    );
  }
  return { treeNo: Number(match[1]), index: Number(match[2]) };
}

/** Throws unless `value` is an integer ≥ `least`. */
export function checkInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new StoreError('storage/invalid-argument', `${name} must be an integer of at least ${least}, not ${value}`);
}

/** Least length of a search for ids. Shorter searches look at names only, because most ids begin alike. */
const ID_PREFIX_MIN = 4;

/** The search as the beginning of a tree's id; undefined when it is too short for that. */
export function idPrefixOf(search: string): string | undefined {
  return search.length < ID_PREFIX_MIN ? undefined : search;
}

/** The form in which `search` compares names. */
export function folded(text: string): string {
  return text.toLowerCase();
}

/** True for a filter with an empty list of statuses: no task matches it. */
export function matchesNothing(filter: TaskFilter): boolean {
  return filter.status?.length === 0;
}
