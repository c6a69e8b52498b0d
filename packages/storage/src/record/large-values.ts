/**
 * Large values are written apart from events and rows, once for each text, and found by the hash of their text. An event or a row says
 * where they stand. A value is written apart as a whole; of an object whose members are large, the members are: so a text that is a
 * member of an output and, later, of an input is the same content.
 */
import { createHash } from 'node:crypto';
import type { RunEvent } from '@coppice/core';
import { StoreError } from '../store-error.ts';

/** Length of the JSON text from which on a value is written apart. */
export const LARGE_CHARS = 4_096;

/** A value that stands elsewhere: the field that it is of, its member there (null: the whole field), hash of its text, and the length of that. */
export type ContentReference = readonly [field: string, member: string | null, hash: string, chars: number];

/** Keeps a text, and answers its hash. */
export type KeepContent = (text: string) => string;

/** Finds a text by its hash. Throws a StoreError when it is not there, or is not as it was written. */
export type FindContent = (hash: string) => string;

type Fields = Readonly<Record<string, unknown>>;

/** What events say of tasks and the run itself. It is never written apart. */
const NO_VALUES: ReadonlySet<string> = new Set(['definition', 'added', 'removed', 'ready', 'dead', 'selection']);
/** Stands where a value was taken out, so that names keep their order. */
const TAKEN = 0;
/** First character of a text in a row that says where values stand. No JSON begins with it. */
const MARK = '#';

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The data of an event without its large values, and where these stand; undefined: it has none. */
export function takeFromEvent(
  event: RunEvent,
  keep: KeepContent,
): { readonly event: RunEvent; readonly contents: readonly ContentReference[] } | undefined {
  if (event.type === 'TreeCreated') return undefined;
  const contents: ContentReference[] = [];
  const data: Record<string, unknown> = { ...event.data };
  for (const [field, value] of Object.entries(data)) {
    if (NO_VALUES.has(field) || value === undefined) continue;
    const text = JSON.stringify(value);
    if (text.length > LARGE_CHARS) data[field] = takenFrom({ field, value, text }, keep, contents);
  }
  return contents.length === 0 ? undefined : { event: { ...event, data } as unknown as RunEvent, contents };
}

/** The text for a column that holds a value. `text`: JSON. */
export function columnText(value: unknown, text: string | null, keep: KeepContent): string | null {
  if (text === null || text.length <= LARGE_CHARS) return text;
  const contents: ContentReference[] = [];
  const rest = takenFrom({ field: '', value, text }, keep, contents);
  return `${MARK}${JSON.stringify([rest, contents])}`;
}

/** The JSON text of a column. */
export function wholeColumn(column: string | null, find: FindContent): string | null {
  if (column === null || !column.startsWith(MARK)) return column;
  const [rest, contents] = JSON.parse(column.slice(1)) as [unknown, readonly ContentReference[]];
  const holder = { '': rest };
  putBack(holder, contents, find);
  return JSON.stringify(holder['']);
}

/** Puts large values back where they were taken from, in place. */
export function putBack(data: object, contents: readonly ContentReference[], find: FindContent): void {
  const fields = data as Record<string, unknown>;
  for (const [field, member, hash] of contents) {
    const value: unknown = JSON.parse(find(hash));
    if (member === null) fields[field] = value;
    else (fields[field] as Record<string, unknown>)[member] = value;
  }
}

/** True for what stands in a line in the place of references. */
export function areReferences(value: unknown): value is readonly ContentReference[] {
  return Array.isArray(value) && value.every((each) => Array.isArray(each) && typeof each[2] === 'string');
}

/** What is left of a large value; what was taken out is added to `contents`. */
function takenFrom(
  { field, value, text }: { readonly field: string; readonly value: unknown; readonly text: string },
  keep: KeepContent,
  contents: ContentReference[],
): unknown {
  const members = largeMembers(value);
  const taken = members.reduce((sum, [, member]) => sum + member.length, 0);
  if (members.length === 0 || text.length - taken > LARGE_CHARS) {
    contents.push([field, null, keep(text), text.length]);
    return TAKEN;
  }
  for (const [name, member] of members) contents.push([field, name, keep(member), member.length]);
  return { ...(value as Fields), ...Object.fromEntries(members.map(([name]) => [name, TAKEN])) };
}

/** Members of an object whose text is large. */
function largeMembers(value: unknown): readonly (readonly [name: string, text: string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    // Setting this one would set something else.
    if (member === undefined || name === '__proto__') return [];
    const text = JSON.stringify(member);
    return text.length > LARGE_CHARS ? [[name, text] as const] : [];
  });
}

/** No content: of stores and lines that have none. */
export const NO_CONTENT: FindContent = (hash) => {
  throw new StoreError('storage/corrupt', `its content ${hash} is missing`);
};
