/** Declared inputs and outputs of a definition file, one line each. */
import type { InputDeclaration, Json } from '@coppice/protocol';

/** What a definition declares. */
export interface Declared {
  readonly inputs?: Readonly<Record<string, InputDeclaration>> | undefined;
  readonly outputs?: Readonly<Record<string, { readonly description?: string | undefined }>> | undefined;
}

export function declarationLines({ inputs = {}, outputs = {} }: Declared = {}): readonly string[] {
  return [
    ...Object.entries(inputs).map(([name, declaration]) => `  input ${name}: ${about(declaration)}`),
    ...Object.entries(outputs).map(
      ([name, { description }]) => `  output ${name}${description === undefined ? '' : `: ${description}`}`,
    ),
  ];
}

function about({ type, enum: choices, default: value, required, description }: InputDeclaration): string {
  const parts = [
    type ?? 'any value',
    choices === undefined ? '' : `one of ${choices.map(text).join(', ')}`,
    value === undefined ? (required === true ? 'required' : '') : `default ${text(value)}`,
  ];
  return `${parts.filter((part) => part !== '').join(', ')}${description === undefined ? '' : ` (${description})`}`;
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
