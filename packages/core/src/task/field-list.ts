/** What treats all fields of a definition alike, by the table of `fields.ts`. */
import { siteOf, type LazySite, type Site } from '../validate/report.ts';
import { FIELDS, type Field, type FieldName, type FieldsWith } from './fields.ts';
import type { TaskDefinition } from './task.ts';

/** A field of the table, for what treats all fields alike. */
export interface ListedField {
  readonly name: FieldName;
  /** Its name in what callers write. */
  readonly writtenAs: string;
  readonly read: (written: unknown) => unknown;
  readonly show: (value: unknown) => unknown;
  /** Only tasks that say so have it. */
  readonly isRare: boolean;
  /** What it means not to say it. */
  readonly unsaid: unknown;
  readonly from: Field<unknown>['from'];
  readonly update: true | string;
  readonly isOverridable: boolean;
  readonly isWork: boolean;
  readonly check: ((written: unknown, site: Site) => void) | undefined;
}

/** The table as a list. */
export const FIELD_LIST: readonly ListedField[] = (Object.keys(FIELDS) as FieldName[]).map((name) => {
  const field = FIELDS[name] as Field<unknown>;
  const { from, update, override, isWork, written, check } = field;
  return {
    name,
    writtenAs: written?.as ?? name,
    read: (written?.read as ListedField['read'] | undefined) ?? same,
    show: (written?.show as ListedField['show'] | undefined) ?? same,
    isRare: 'absent' in field,
    unsaid: 'absent' in field ? field.absent : field.default,
    from,
    update,
    isOverridable: override === true,
    isWork: isWork === true,
    check: check as ListedField['check'],
  };
});

function same(value: unknown): unknown {
  return value;
}

/** What every task has, with the values of one that says nothing. */
export const DEFAULTS = Object.fromEntries(
  FIELD_LIST.flatMap(({ name, isRare, unsaid }) => (isRare ? [] : [[name, unsaid]])),
) as { readonly [Name in FieldsWith<{ readonly default: unknown }>]: (typeof FIELDS)[Name]['default'] };

const RARE = FIELD_LIST.filter(({ isRare, from }) => isRare && from === 'caller');
const CHECKED = FIELD_LIST.flatMap(({ writtenAs, check }) => (check === undefined ? [] : [{ writtenAs, check }]));

/** Adds the fields that a submission says and few tasks have. They were checked. */
export function addRare(definition: object, submission: object): void {
  for (let at = 0; at < RARE.length; at++) {
    const { name, writtenAs, read, unsaid } = RARE[at] as ListedField;
    const written = (submission as Fields)[writtenAs];
    if (written !== undefined && written !== unsaid) (definition as Fields)[name] = read(written);
  }
}

/** What a caller writes to get the definition. */
export function written(definition: object): object {
  const submission: Fields = {};
  for (const { name, writtenAs, from, show, isRare, unsaid } of FIELD_LIST) {
    const value = (definition as Fields)[name];
    if (from !== 'caller' || value === undefined || (isRare && value === unsaid)) continue;
    submission[writtenAs] = show(value);
  }
  return submission;
}

/** Those of the named fields that are said, to be spread over a definition. */
export function said(given: object, names: readonly FieldName[]): Partial<TaskDefinition> {
  const values: Fields = {};
  for (const name of names) if ((given as Fields)[name] !== undefined) values[name] = (given as Fields)[name];
  return values;
}

/** The definition of a task that does no work. */
export function withoutWork(definition: TaskDefinition): TaskDefinition {
  const kept: Fields = { ...definition };
  for (const { name, isWork, isRare, unsaid } of FIELD_LIST) {
    if (!isWork) continue;
    if (isRare) delete kept[name];
    else kept[name] = unsaid;
  }
  return kept as unknown as TaskDefinition;
}

/** Reports what is wrong with single fields of what a caller wrote; `site` is that of the whole. */
export function checkWritten(given: object, site: LazySite): void {
  for (let at = 0; at < CHECKED.length; at++) {
    const { writtenAs, check } = CHECKED[at] as (typeof CHECKED)[number];
    const written = (given as Fields)[writtenAs];
    if (written !== undefined) check(written, siteOf(site(), writtenAs));
  }
}

type Fields = Record<string, unknown>;
