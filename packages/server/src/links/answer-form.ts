/** The fields of an answer as a form of HTML has them: what is asked for, and the answer in what a browser sends. */
import type { Json, JsonObject } from '@coppice/core';
import type { OpenWait } from '@coppice/engine';

/** One field. `select` has choices; `json` takes any value as JSON. */
export interface AnswerField {
  /** Key of the value; undefined: the field is the whole value. */
  readonly key: string | undefined;
  /** Name of the field in the form. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'number' | 'integer' | 'checkbox' | 'select' | 'json';
  readonly isRequired: boolean;
  readonly choices: readonly string[];
  /** What stands in it at first. */
  readonly value: string;
  readonly hint: string;
}

/** What a person has filled in. */
export interface GivenAnswer {
  readonly approved?: boolean;
  readonly values?: Json;
  readonly comment?: string;
}

export function fieldsOf({ kind, form }: OpenWait): readonly AnswerField[] {
  const properties = form?.['properties'];
  if (isMap(properties)) {
    const required = Array.isArray(form?.['required']) ? form['required'] : [];
    return Object.entries(properties).map(([key, schema]) => fieldOf(key, isMap(schema) ? schema : {}, required));
  }
  if (kind === 'approval') return [];
  const whole = { key: undefined, name: 'value', label: 'Value as JSON', kind: 'json' } as const;
  return [{ ...whole, isRequired: false, choices: [], value: 'null', hint: '' }];
}

function fieldOf(key: string, schema: JsonObject, required: readonly Json[]): AnswerField {
  const { title, description, default: initial } = schema;
  const choices = Array.isArray(schema['enum']) && schema['enum'].every((each) => typeof each === 'string');
  const kind = choices ? 'select' : kindOf(schema['type']);
  return {
    key,
    name: `value.${key}`,
    label: typeof title === 'string' ? title : key,
    kind,
    isRequired: required.includes(key),
    choices: choices ? (schema['enum'] as readonly string[]) : [],
    value:
      initial === undefined ? '' : kind === 'json' || typeof initial !== 'string' ? JSON.stringify(initial) : initial,
    hint: typeof description === 'string' ? description : '',
  };
}

function kindOf(type: Json | undefined): AnswerField['kind'] {
  switch (type) {
    case 'string':
      return 'text';
    case 'number':
      return 'number';
    case 'integer':
      return 'integer';
    case 'boolean':
      return 'checkbox';
    default:
      return 'json';
  }
}

/** The answer in a body; a text: what can not be read. A field that was left empty is not given. */
export function readAnswer(wait: OpenWait, body: URLSearchParams): GivenAnswer | string {
  const decision = body.get('decision');
  const isApproval = wait.kind === 'approval';
  if (isApproval && decision !== 'approve' && decision !== 'reject') return 'Choose to approve or to reject.';
  const fields = fieldsOf(wait);
  const values: Record<string, Json> = {};
  let whole: Json | undefined;
  for (const field of fields) {
    const read = valueOf(field, body.get(field.name));
    if (read === undefined) continue;
    if (typeof read === 'string') return read;
    if (field.key === undefined) whole = read.value;
    else Object.defineProperty(values, field.key, { value: read.value, enumerable: true });
  }
  const comment = body.get('comment')?.trim() ?? '';
  const isFormed = fields.some(({ key }) => key !== undefined);
  return {
    ...(isApproval ? { approved: decision === 'approve' } : {}),
    ...(isFormed && decision !== 'reject' ? { values } : {}),
    ...(whole === undefined ? {} : { values: whole }),
    ...(isApproval && comment !== '' ? { comment } : {}),
  };
}

/** Undefined: nothing was given; a text: it can not be read. */
function valueOf(
  { kind, label, isRequired }: AnswerField,
  text: string | null,
): { readonly value: Json } | string | undefined {
  if (kind === 'checkbox') return { value: text !== null };
  if (text === null || (text === '' && !(isRequired && kind === 'text'))) return undefined;
  if (kind === 'text' || kind === 'select') return { value: text };
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return kind === 'json' ? `${label} is no JSON.` : `${label} is no number.`;
  }
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
