/** Asks a person in a terminal for the fields of a form: the values of an answer, or inputs of a run. */
import { createInterface } from 'node:readline';
import type { Json, JsonObject } from '@coppice/protocol';
import colors from 'picocolors';
import { oneLine } from '../live/task-text.ts';
import { withoutControls } from '../output/harmless.ts';
import { UsageError } from '../output/report-error.ts';
import { asText, isMap, parseYaml } from './given-inputs.ts';

/** Where a person answers. */
export interface Prompt {
  /** The line that is typed after the question; undefined: nothing is typed any more. */
  ask(question: string): Promise<string | undefined>;
  tell(text: string): void;
}

/** Where questions are asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** By default the terminal: questions go to standard error, because standard output is for the result. */
export function openPrompt(terminal: Terminal = { input: process.stdin, output: process.stderr }): Prompt & {
  close(): void;
} {
  const lines = createInterface({ input: terminal.input, output: terminal.output });
  const typed = lines[Symbol.asyncIterator]();
  return {
    ask: async (question) => {
      lines.setPrompt(withoutControls(question));
      lines.prompt();
      const { value, done } = await typed.next();
      return done === true ? undefined : value;
    },
    tell: (text) => void terminal.output.write(`${withoutControls(text)}\n`),
    close: () => lines.close(),
  };
}

export interface Asking {
  readonly prompt: Prompt;
  /** The option that gives a value without a question. */
  readonly option: string;
}

/** The values of the properties of a form; those that are given already are not asked for. */
export async function askFields(
  form: JsonObject | null,
  given: Json | undefined,
  asking: Asking,
): Promise<Json | undefined> {
  const properties = form?.['properties'];
  if (!isMap(properties) || (given !== undefined && !isMap(given))) return given;
  const required = new Set(Array.isArray(form?.['required']) ? (form['required'] as readonly Json[]) : []);
  const values: Record<string, Json> = { ...given };
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(values, name) || !isMap(property)) continue;
    const value = await askField({ name, property, isRequired: required.has(name) }, asking);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

interface Field {
  readonly name: string;
  readonly property: JsonObject;
  readonly isRequired: boolean;
}

/** Undefined: the person leaves it to the default, or out. */
async function askField(field: Field, { prompt, option }: Asking): Promise<Json | undefined> {
  const { name, property, isRequired } = field;
  const { default: standard } = property;
  for (;;) {
    const line = await prompt.ask(questionFor(field));
    if (line === undefined)
      throw new UsageError(`${name} is needed, and nothing is typed any more. Give it: ${option} ${name}=…`);
    const typed = line.trim();
    if (typed === '' && (standard !== undefined || !isRequired)) return undefined;
    if (typed === '') {
      prompt.tell('A value is needed.');
      continue;
    }
    const value = await readValue(typed, property);
    if (value !== undefined) return value;
    prompt.tell(`${oneLine(typed)} does not fit.`);
  }
}

/** `Region (Where it runs; one of 1 eu, 2 us): ` */
function questionFor({ name, property, isRequired }: Field): string {
  const { title, description, default: standard } = property;
  const choices = choicesOf(property);
  const label = typeof title === 'string' ? title : name;
  const hints = [
    typeof description === 'string' ? description : '',
    choices === undefined ? '' : `one of ${choices.map((choice, at) => `${at + 1} ${asText(choice)}`).join(', ')}`,
    standard === undefined ? (isRequired ? '' : 'may be empty') : `default ${asText(standard)}`,
  ].filter((hint) => hint !== '');
  return `${oneLine(label)}${hints.length === 0 ? '' : colors.dim(` (${oneLine(hints.join('; '))})`)}: `;
}

function choicesOf({ enum: choices }: JsonObject): readonly Json[] | undefined {
  return Array.isArray(choices) ? (choices as readonly Json[]) : undefined;
}

/** A choice by itself or by its number, a text as it was typed, anything else as YAML. Undefined: it can not be one. */
async function readValue(typed: string, property: JsonObject): Promise<Json | undefined> {
  const choices = choicesOf(property);
  if (choices !== undefined) {
    const said = choices.find((choice) => asText(choice) === typed);
    return said ?? (/^[0-9]+$/.test(typed) ? choices[Number(typed) - 1] : undefined);
  }
  if (property['type'] === 'string') return typed;
  try {
    return (await parseYaml(typed, 'answer')) as Json;
  } catch {
    return undefined;
  }
}
