/** Declared inputs and outputs of a definition file, one line each. */
import type { InputDeclaration } from '@coppice/protocol';
import { asText } from './given-inputs.ts';

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
    choices === undefined ? '' : `one of ${choices.map(asText).join(', ')}`,
    value === undefined ? (required === true ? 'required' : '') : `default ${asText(value)}`,
  ];
  return `${parts.filter((part) => part !== '').join(', ')}${description === undefined ? '' : ` (${description})`}`;
}
