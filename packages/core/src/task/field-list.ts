/** Functions that treat all fields of a definition alike. They read the table in `fields.ts`. */
import { siteOf, type LazySite, type Site } from '../validate/report.ts';
import { FIELDS, type Field, type FieldName, type FieldsWith } from './fields.ts';
import type { TaskDefinition } from './task.ts';

/** A field of the table, in a form that is the same for all fields. */
export interface ListedField {
  readonly name: FieldName;
  /** Name of the field in a submission. */
  readonly writtenAs: string;
  readonly read: (written: unknown) => unknown;
  readonly show: (value: unknown) => unknown;
  /** True: the definition has the field only when the submission has it. */
  readonly isRare: boolean;
  /** Value that stands for an absent field. */
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
    show: written?.show ?? same,
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

/** The fields that every definition has, with their default values. */
export const DEFAULTS = Object.fromEntries(
  FIELD_LIST.flatMap(({ name, isRare, unsaid }) => (isRare ? [] : [[name, unsaid]])),
) as { readonly [Name in FieldsWith<{ readonly default: unknown }>]: (typeof FIELDS)[Name]['default'] };

const RARE = FIELD_LIST.filter(({ isRare, from }) => isRare && from === 'caller');
const RARE_NAMES = namesOf(RARE);
const CHECKED = FIELD_LIST.flatMap(({ writtenAs, check }) => (check === undefined ? [] : [{ writtenAs, check }]));
const CHECKED_NAMES = namesOf(CHECKED);

function namesOf(fields: readonly Pick<ListedField, 'writtenAs'>[]): ReadonlySet<string> {
  return new Set(fields.map(({ writtenAs }) => writtenAs));
}

/** Most tasks give few fields, so this costs less than reading each of `names`. */
function givesAny(given: object, names: ReadonlySet<string>): boolean {
  for (const name in given) if (names.has(name)) return true;
  return false;
}

/** Copies the rare fields from a submission, which was checked before. */
export function addRare(definition: object, submission: object): void {
  if (!givesAny(submission, RARE_NAMES)) return;
  for (let at = 0; at < RARE.length; at++) {
    const { name, writtenAs, read, unsaid } = RARE[at] as ListedField;
    const written = (submission as Fields)[writtenAs];
    if (written !== undefined && written !== unsaid) (definition as Fields)[name] = read(written);
  }
}

/** Returns the submission from which the definition would be made. */
export function written(definition: object): object {
  const submission: Fields = {};
  for (const { name, writtenAs, from, show, isRare, unsaid } of FIELD_LIST) {
    const value = (definition as Fields)[name];
    if (from !== 'caller' || value === undefined || (isRare && value === unsaid)) continue;
    submission[writtenAs] = show(value);
  }
  return submission;
}

/** Returns the named fields that are given, to be spread over a definition. */
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

/** Checks each field of a submission alone, and reports violations. `site` is the place of the submission. */
export function checkWritten(given: object, site: LazySite): void {
  if (!givesAny(given, CHECKED_NAMES)) return;
  for (let at = 0; at < CHECKED.length; at++) {
    const { writtenAs, check } = CHECKED[at] as (typeof CHECKED)[number];
    const written = (given as Fields)[writtenAs];
    if (written !== undefined) check(written, siteOf(site(), writtenAs));
  }
}

type Fields = Record<string, unknown>;
