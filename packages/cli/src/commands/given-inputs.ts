/** Inputs of a run from the command line: `--inputs FILE` and, on top of it, `--input key=value`. */
import type { JsonObject } from '@coppice/protocol';
import { parse } from 'yaml';
import { readDefinitionText } from './read-text.ts';
import { UsageError } from '../output/report-error.ts';

export interface InputOptions {
  /** `key=value` each; the value is read as YAML, so `3`, `true`, `[a, b]` and `{a: 1}` are what they look like. */
  readonly input?: readonly string[];
  /** A YAML or JSON file with a map. */
  readonly inputs?: string;
}

/** Undefined when none are given. */
export async function givenInputs(options: InputOptions): Promise<JsonObject | undefined> {
  if (options.inputs === undefined && options.input === undefined) return undefined;
  const fromFile =
    options.inputs === undefined ? {} : parseInputs(await readDefinitionText(options.inputs), options.inputs);
  return { ...fromFile, ...Object.fromEntries((options.input ?? []).map(parsePair)) };
}

function parseInputs(text: string, file: string): JsonObject {
  const value = parseYaml(text, file);
  if (isMap(value)) return value;
  throw new UsageError(`${file}: expected a map of inputs.`);
}

function parsePair(pair: string): readonly [string, JsonObject[string]] {
  const split = pair.indexOf('=');
  if (split < 1) throw new UsageError(`--input ${pair}: write it as key=value.`);
  return [pair.slice(0, split), parseYaml(pair.slice(split + 1), `--input ${pair}`) as JsonObject[string]];
}

function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A JSON object: no list, no null. */
export function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
