/** A JSON Schema in the few words that a table has room for; `--json` gives all of it. */
import type { Json, JsonObject } from '@coppice/protocol';

export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** JSON of the default. */
  readonly preset: string | undefined;
  readonly description: string;
}

type Schema = Readonly<Record<string, Json | undefined>>;

/** The fields of an object's schema, those that are required first; empty for any other schema. */
export function fieldsOf(schema: JsonObject | null): readonly SchemaField[] {
  const properties = asSchema(schema?.['properties']);
  const required = new Set(asList(schema?.['required']));
  const fields = Object.entries(properties).map(([name, value]): SchemaField => {
    const { default: preset, description } = asSchema(value);
    return {
      name,
      type: typeText(asSchema(value)),
      isRequired: required.has(name),
      preset: preset === undefined ? undefined : JSON.stringify(preset),
      description: typeof description === 'string' ? description : '',
    };
  });
  return [...fields.filter(({ isRequired }) => isRequired), ...fields.filter(({ isRequired }) => !isRequired)];
}

/** `string`, `integer`, `text | json`, `string[]`, `object`. */
export function typeText(schema: Schema): string {
  const choices = asList(schema['enum']);
  if (choices.length > 0)
    return choices.map((choice) => (typeof choice === 'string' ? choice : JSON.stringify(choice))).join(' | ');
  const { const: only, type } = schema;
  if (only !== undefined) return JSON.stringify(only);
  const forms = [...asList(schema['anyOf']), ...asList(schema['oneOf'])];
  if (forms.length > 0) return [...new Set(forms.map((form) => typeText(asSchema(form))))].join(' | ');
  const types = typeof type === 'string' ? [type] : asList(type).map(String);
  if (types.length === 0) return 'any';
  return types.map((name) => (name === 'array' ? `${itemText(schema['items'])}[]` : name)).join(' | ');
}

function itemText(items: Json | undefined): string {
  const text = typeText(asSchema(items));
  return text.includes(' ') ? `(${text})` : text;
}

function asSchema(value: Json | undefined): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
