/** Inputs of a run from the command line: `--inputs FILE` and, on top of it, `--input key=value`. */
import type { InputDeclaration, Json, JsonObject } from '@coppice/protocol';
import { readDefinitionText } from './read-text.ts';
import { UsageError } from '../output/report-error.ts';

export interface InputOptions {
  /** `key=value` each; the value is read as YAML, so `3`, `true`, `[a, b]` and `{a: 1}` are what they look like. */
  readonly input?: readonly string[];
  /** A YAML or JSON file with a map. */
  readonly inputs?: string;
}

/** Undefined when none are given. Where an input is declared as text, its value is taken as it stands. */
export async function givenInputs(
  options: InputOptions,
  declared: Readonly<Record<string, InputDeclaration>> = {},
): Promise<JsonObject | undefined> {
  if (options.inputs === undefined && options.input === undefined) return undefined;
  const fromFile =
    options.inputs === undefined ? {} : await parseInputs(await readDefinitionText(options.inputs), options.inputs);
  return {
    ...fromFile,
    ...Object.fromEntries(await Promise.all((options.input ?? []).map((pair) => parsePair(pair, '--input', declared)))),
  };
}

async function parseInputs(text: string, file: string): Promise<JsonObject> {
  const value = await parseYaml(text, file);
  if (isMap(value)) return value;
  throw new UsageError(`${file}: expected a map of inputs.`);
}

/** `key=value` of an option. Rejects with a UsageError. Where the value is declared as text it is taken as it stands. */
export async function parsePair(
  pair: string,
  option: string,
  declared: Readonly<Record<string, InputDeclaration>> = {},
): Promise<readonly [string, JsonObject[string]]> {
  const split = pair.indexOf('=');
  if (split < 1) throw new UsageError(`${option} ${pair}: write it as key=value.`);
  const [name, text] = [pair.slice(0, split), pair.slice(split + 1)];
  const isText = Object.hasOwn(declared, name) && declared[name]?.type === 'string';
  return [name, isText ? text : ((await parseYaml(text, `${option} ${pair}`)) as JsonObject[string])];
}

/** A value that is written as YAML; `where` says in which option or file. Rejects with a UsageError. */
export async function parseYaml(text: string, where: string): Promise<unknown> {
  // Loaded here: it brings the schemas along, which commands without inputs do without.
  const { parseDefinitionSource } = await import('@coppice/definition');
  const { value, problems } = parseDefinitionSource(text, where);
  const [problem] = problems;
  if (problem === undefined) return value;
  throw new UsageError(`${where}:${problem.line}:${problem.column}: ${problem.message}`);
}

/** A JSON object: no list, no null. */
export function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as people read it: a text as it stands, any other value as JSON. */
export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
