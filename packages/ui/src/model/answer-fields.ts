/** The form of a wait: fields that follow from a JSON Schema, and the values of what was typed. What fits is the server's to say. */
import type { Json, JsonObject } from '@coppice/protocol';
import { isJsonObject } from './json-object.ts';

/** One field. `choice`: one of `choices`, also for true and false. `json`: whatever has no field of its own, typed as JSON. */
export interface AnswerField {
  /** The property; undefined: the field is the whole value. */
  readonly name: string | undefined;
  readonly label: string;
  readonly hint: string;
  readonly kind: 'text' | 'number' | 'choice' | 'json';
  readonly choices: readonly Json[];
  readonly isRequired: boolean;
  /** What stands in the field at first. Of a choice the JSON of the value. */
  readonly initial: string;
  readonly hasDefault: boolean;
}

/** What was typed as a value; or what is wrong, by the place of the field. */
export type ReadAnswer =
  | { readonly ok: true; readonly values: Json | undefined }
  | { readonly ok: false; readonly problems: ReadonlyMap<number, string> };

/** Fields of at most so many properties: a longer form is one field of JSON. */
const FIELDS_MAX = 100;

/** `label`: of the field that stands for the whole value, where the schema names no properties. */
export function answerFields(schema: JsonObject | undefined, label: string): readonly AnswerField[] {
  const properties = schema?.['properties'];
  if (!isJsonObject(properties) || Object.keys(properties).length > FIELDS_MAX)
    return [fieldOf(undefined, { title: label, ...schema }, false)];
  const required = Array.isArray(schema?.['required']) ? (schema['required'] as readonly Json[]) : [];
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, isJsonObject(property) ? property : {}, required.includes(name)),
  );
}

/** An empty field is left out, so that the server puts in its default; but a text that has a default can be made empty. */
export function readAnswer(fields: readonly AnswerField[], typed: readonly string[]): ReadAnswer {
  const problems = new Map<number, string>();
  const values: Record<string, Json> = {};
  let whole: Json | undefined;
  for (const [index, field] of fields.entries()) {
    const text = typed[index] ?? '';
    if (text.trim() === '' && !(field.kind === 'text' && (field.hasDefault || text !== ''))) continue;
    const value = valueOf(field, text);
    if (value === undefined)
      problems.set(
        index,
        field.kind === 'number' ? 'This is no number.' : 'This is no JSON, such as {"a": 1} or "text".',
      );
    else if (field.name === undefined) whole = value;
    else Object.defineProperty(values, field.name, { value, enumerable: true });
  }
  if (problems.size > 0) return { ok: false, problems };
  return { ok: true, values: fields.some(({ name }) => name !== undefined) ? values : whole };
}

function fieldOf(name: string | undefined, property: JsonObject, isRequired: boolean): AnswerField {
  const { title, description, type, enum: given, default: standard } = property;
  const choices = Array.isArray(given) ? (given as readonly Json[]) : type === 'boolean' ? [true, false] : [];
  const kind = choices.length > 0 ? 'choice' : KINDS[typeof type === 'string' ? type : ''];
  const isText = kind === 'text' && typeof standard === 'string';
  return {
    name,
    label: typeof title === 'string' && title !== '' ? title : (name ?? 'Value'),
    hint: typeof description === 'string' ? description : '',
    kind: kind ?? 'json',
    choices,
    isRequired,
    initial: standard === undefined ? '' : isText ? standard : JSON.stringify(standard),
    hasDefault: standard !== undefined,
  };
}

const KINDS: Readonly<Record<string, AnswerField['kind'] | undefined>> = {
  string: 'text',
  number: 'number',
  integer: 'number',
};

function valueOf({ kind }: AnswerField, text: string): Json | undefined {
  if (kind === 'text') return text;
  try {
    const value = JSON.parse(text) as Json;
    return kind === 'number' && typeof value !== 'number' ? undefined : value;
  } catch {
    return undefined;
  }
}
