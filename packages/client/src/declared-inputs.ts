/** Inputs that a tree declares, as a form for people: a JSON Schema, as approvals have one. */
import type { InputDeclaration, JsonObject } from '@coppice/protocol';

/** What each input must be, by name. */
export type DeclaredInputs = Readonly<Record<string, InputDeclaration>>;

/** Names of the inputs that are required and not given; null is not given. */
export function missingInputs(declared: DeclaredInputs, given: JsonObject): readonly string[] {
  return Object.entries(declared).flatMap(([name, declaration]) => {
    const isMissing = declaration.required === true && (declaration.default ?? null) === null;
    return isMissing && (given[name] ?? null) === null ? [name] : [];
  });
}

/** A form that asks for the named inputs, in this order. */
export function inputsForm(declared: DeclaredInputs, names: readonly string[]): JsonObject {
  const properties = names.map((name) => {
    const { required: _ofForm, ...schema } = declared[name] ?? {};
    return [name, schema] as const;
  });
  const required = names.filter((name) => declared[name]?.required === true && declared[name].default === undefined);
  return { type: 'object', required, properties: Object.fromEntries(properties) };
}
