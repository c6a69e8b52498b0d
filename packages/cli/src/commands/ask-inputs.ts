/** Inputs that a definition requires and nobody has given: asked for one by one where a person sits at a terminal. */
import type { InputDeclaration, JsonObject } from '@coppice/protocol';
import { createInterface } from 'node:readline';
import { UsageError } from '../output/report-error.ts';
import { asText, parseYaml } from './given-inputs.ts';

/** Where questions are asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

type Declared = Readonly<Record<string, InputDeclaration>>;

/** Names of the inputs that are required and missing. */
export function missingInputs(declared: Declared, given: JsonObject): readonly string[] {
  return Object.entries(declared).flatMap(([name, declaration]) => {
    const isMissing = declaration.required === true && (declaration.default ?? null) === null;
    return isMissing && (given[name] ?? null) === null ? [name] : [];
  });
}

/** Asks for what is missing; answers all that is given then. An empty answer is asked again. */
export async function askInputs(declared: Declared, given: JsonObject, terminal: Terminal): Promise<JsonObject> {
  const missing = missingInputs(declared, given);
  if (missing.length === 0) return given;
  const lines = createInterface({ input: terminal.input });
  const typed = lines[Symbol.asyncIterator]();
  const answers: Record<string, JsonObject[string]> = { ...given };
  try {
    for (const name of missing) {
      const declaration = declared[name] as InputDeclaration;
      let text = '';
      while (text.trim() === '') {
        terminal.output.write(`${questionFor(name, declaration)} `);
        const { value, done } = await typed.next();
        if (done === true) throw new UsageError(`The input ${name} is required. Give it: --input ${name}=…`);
        text = value;
      }
      answers[name] = await inputValue(text.trim(), declaration, name);
    }
  } finally {
    lines.close();
  }
  return answers;
}

/** `region (string: 1 eu, 2 us) – Where it runs:` */
export function questionFor(name: string, { type, enum: choices, description }: InputDeclaration): string {
  const among =
    choices === undefined ? '' : `: ${choices.map((choice, at) => `${at + 1} ${asText(choice)}`).join(', ')}`;
  return `${name} (${type ?? 'any value'}${among})${description === undefined ? '' : ` – ${description}`}:`;
}

/** What was typed as a value: the number of a choice, text as it stands where text is wanted, else YAML. */
export async function inputValue(
  text: string,
  declaration: InputDeclaration | undefined,
  name: string,
): Promise<JsonObject[string]> {
  const { type, enum: choices } = declaration ?? {};
  const said = choices?.find((choice) => asText(choice) === text);
  if (said !== undefined) return said;
  const numbered = /^[0-9]+$/.test(text) ? choices?.[Number(text) - 1] : undefined;
  if (numbered !== undefined) return numbered;
  return type === 'string' ? text : ((await parseYaml(text, `input ${name}`)) as JsonObject[string]);
}
