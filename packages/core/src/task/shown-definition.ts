/** A definition as rows and answers show it: with all fields, also those that the definition leaves out. */
import { FIELD_LIST } from './field-list.ts';
import type { FieldName, FIELDS, FieldsWith } from './fields.ts';
import { kindOf, type TaskKind } from './kind.ts';
import type { TaskDefinition } from './task.ts';

/** An outcome that a copy carried over is shown as the outcome of the task, so the field `settled` is left out. */
type ShownName = Exclude<FieldName, 'settled'>;

type ShownField<Name extends FieldName> =
  Name extends FieldsWith<{ readonly absent: unknown }>
    ? NonNullable<TaskDefinition[Name]> | (typeof FIELDS)[Name]['absent']
    : undefined extends TaskDefinition[Name]
      ? NonNullable<TaskDefinition[Name]> | null
      : TaskDefinition[Name];

type ShownFields = { readonly [Name in ShownName]: ShownField<Name> };

export interface ShownDefinition extends ShownFields {
  readonly kind: TaskKind;
}

const SHOWN = FIELD_LIST.flatMap(({ name }) => (name === 'settled' ? [] : [name]));

/** A definition without given fields. Copying it and setting the given fields is far cheaper than adding field by field. */
const NOTHING_SAID = Object.fromEntries(
  FIELD_LIST.flatMap(({ name, unsaid }) => (name === 'settled' ? [] : [[name, unsaid ?? null]])),
);

export function shownDefinition(definition: TaskDefinition): ShownDefinition {
  const shown: Record<string, unknown> = { ...NOTHING_SAID };
  for (const name of SHOWN) {
    const value = definition[name];
    if (value !== undefined) shown[name] = value;
  }
  shown['kind'] = kindOf(definition);
  return shown as unknown as ShownDefinition;
}
