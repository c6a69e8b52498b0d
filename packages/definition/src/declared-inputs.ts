/** Inputs and outputs of a definition file: which entries declare something, and where they go in the params of `tasks.create`. */
import { INPUT_DECLARATION_FIELDS, INPUT_TYPES } from '@coppice/protocol';
import type { InputDeclaration } from '@coppice/protocol';
import { parseDefinitionSource, type FilePath } from './definition-source.ts';
import { isFields, type Fields } from './fields.ts';

/** Params made of a file's `inputs` and `outputs`, and the places of those that moved. */
export interface DeclaredParams {
  readonly params: { readonly inputs?: Fields; readonly declares?: Fields };
  readonly origins: readonly (readonly [to: FilePath, from: FilePath])[];
}

/** Inputs by name, with what each must be. */
export type DeclaredInputs = Readonly<Record<string, InputDeclaration>>;

/** What a definition takes when another one uses it. Nothing when it can not be read. */
export function declaredInputsOf(text: string): DeclaredInputs {
  const { value } = parseDefinitionSource(text, '');
  const { params } = declaredParams(isFields(value) ? value : {}, { isUsed: true });
  return (params.declares?.['inputs'] ?? {}) as DeclaredInputs;
}

/** A map with a type or an enum, and nothing but what declarations have. Anything else is the value itself. */
function isDeclaration(value: unknown): value is Fields {
  if (!isFields(value) || !Object.keys(value).every((field) => INPUT_DECLARATION_FIELDS.includes(field))) return false;
  return INPUT_TYPES.includes(value['type'] as string) || Array.isArray(value['enum']);
}

/** `isUsed`: another file uses this one, so everything that it takes is declared, and what it does not declare it does not take. */
export function declaredParams({ inputs, outputs }: Fields, { isUsed = false } = {}): DeclaredParams {
  const origins: [FilePath, FilePath][] = [];
  const declared: Record<string, unknown> = {};
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isFields(inputs) ? inputs : {})) {
    if (isDeclaration(value)) declared[name] = value;
    else values[name] = value;
  }
  const isDeclared = isUsed || Object.keys(declared).length > 0;
  if (isDeclared) {
    // One that has only a value is declared by it: once something is declared, others are refused.
    for (const name of Object.keys(values)) declared[name] = { default: values[name] };
    for (const name of Object.keys(declared))
      origins.push([
        ['declares', 'inputs', name],
        ['inputs', name],
      ]);
  }
  const made: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isFields(outputs) ? outputs : {})) {
    const isLong =
      isFields(value) &&
      'value' in value &&
      Object.keys(value).every((field) => field === 'value' || field === 'description');
    made[name] = isLong ? value : { value };
    origins.push([
      ['declares', 'outputs', name],
      ['outputs', name],
    ]);
    if (!isLong)
      origins.push([
        ['declares', 'outputs', name, 'value'],
        ['outputs', name],
      ]);
  }
  const hasOutputs = Object.keys(made).length > 0;
  const declares = { ...(isDeclared ? { inputs: declared } : {}), ...(hasOutputs ? { outputs: made } : {}) };
  return {
    params: {
      ...(inputs === undefined ? {} : { inputs: isFields(inputs) && isDeclared ? {} : (inputs as Fields) }),
      ...(isDeclared || hasOutputs ? { declares } : {}),
    },
    origins,
  };
}
