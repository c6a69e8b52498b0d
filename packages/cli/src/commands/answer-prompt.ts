/** Asks a person in a terminal for what an answer still lacks: approval, the values of the form, a comment. */
import { createInterface } from 'node:readline/promises';
import type { Json, JsonObject, OpenWait } from '@coppice/protocol';
import colors from 'picocolors';
import { oneLine } from '../live/task-text.ts';
import { withoutControls } from '../output/harmless.ts';
import { asText, isMap, parseYaml } from './given-inputs.ts';
import type { Answer } from './waits.ts';

/** Where a person answers. */
export interface Prompt {
  /** The line that is typed after the question. */
  ask(question: string): Promise<string>;
  tell(text: string): void;
}

/** The terminal: questions go to standard error, because standard output is for the result. */
export function openPrompt(): Prompt & { close(): void } {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return {
    ask: (question) => lines.question(withoutControls(question)),
    tell: (text) => void process.stderr.write(`${withoutControls(text)}\n`),
    close: () => lines.close(),
  };
}

export async function askForAnswer(wait: OpenWait, given: Answer, prompt: Prompt): Promise<Answer> {
  prompt.tell(colors.bold(oneLine(wait.title)));
  if (wait.text !== null) prompt.tell(wait.text);
  const approved = wait.kind === 'approval' ? (given.approved ?? (await askYesNo('Approve?', prompt))) : undefined;
  const values = approved === false ? given.values : await askValues(wait.form, given.values, prompt);
  const comment = wait.kind === 'approval' ? (given.comment ?? (await prompt.ask('Comment (may be empty): '))) : '';
  return {
    ...(approved === undefined ? {} : { approved }),
    ...(values === undefined ? {} : { values }),
    ...(comment === '' ? {} : { comment }),
  };
}

async function askYesNo(question: string, prompt: Prompt): Promise<boolean> {
  for (;;) {
    const typed = (await prompt.ask(`${question} (yes/no) `)).trim().toLowerCase();
    if (typed === 'y' || typed === 'yes') return true;
    if (typed === 'n' || typed === 'no') return false;
    prompt.tell('Type yes or no.');
  }
}

/** The values of the properties of a form; those that are given already are not asked for. */
async function askValues(form: JsonObject | null, given: Json | undefined, prompt: Prompt): Promise<Json | undefined> {
  const properties = form?.['properties'];
  if (!isMap(properties) || (given !== undefined && !isMap(given))) return given;
  const required = new Set(Array.isArray(form?.['required']) ? (form['required'] as readonly Json[]) : []);
  const values: Record<string, Json> = { ...given };
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(values, name) || !isMap(property)) continue;
    const value = await askValue({ name, property, isRequired: required.has(name) }, prompt);
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
async function askValue({ name, property, isRequired }: Field, prompt: Prompt): Promise<Json | undefined> {
  const { title, description, default: standard } = property;
  const choices = choicesOf(property);
  const label = typeof title === 'string' ? title : name;
  const hints = [
    typeof description === 'string' ? description : '',
    choices === undefined ? '' : `one of ${choices.map(asText).join(', ')}`,
    standard === undefined ? (isRequired ? '' : 'may be empty') : `default ${asText(standard)}`,
  ].filter((hint) => hint !== '');
  const question = `${oneLine(label)}${hints.length === 0 ? '' : colors.dim(` (${oneLine(hints.join('; '))})`)}: `;
  for (;;) {
    const typed = (await prompt.ask(question)).trim();
    if (typed === '' && (standard !== undefined || !isRequired)) return undefined;
    if (typed === '') {
      prompt.tell('A value is needed.');
      continue;
    }
    const value = await readValue(typed, property);
    if (value !== undefined && isAmong(value, choices)) return value;
    prompt.tell(`${oneLine(typed)} does not fit.`);
  }
}

function choicesOf({ enum: choices }: JsonObject): readonly Json[] | undefined {
  return Array.isArray(choices) ? (choices as readonly Json[]) : undefined;
}

function isAmong(value: Json, choices: readonly Json[] | undefined): boolean {
  return choices === undefined || choices.some((choice) => asText(choice) === asText(value));
}

/** A text is taken as it was typed, anything else is read as YAML. Undefined: it can not be read. */
async function readValue(typed: string, { type }: JsonObject): Promise<Json | undefined> {
  if (type === 'string') return typed;
  try {
    return (await parseYaml(typed, 'answer')) as Json;
  } catch {
    return undefined;
  }
}
