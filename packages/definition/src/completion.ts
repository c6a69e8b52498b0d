/**
 * What can be written at a place of a definition in YAML: fields, executors, tasks, inputs. Works on the lines above the place and
 * not on a parse, because a file that is being typed in can mostly not be parsed.
 */
import type { InputDeclaration, Json, JsonObject } from '@coppice/protocol';
import type { DeclaredInputs } from './declared-inputs.ts';
import { definitionJsonSchema } from './definition-schema.ts';
import { allTasks } from './outline.ts';
import type { Outline } from './outline.ts';

export interface KnownExecutor {
  readonly type: string;
  readonly description: string;
  /** JSON Schema of its inputs, if it has told one. */
  readonly input?: Json;
}

export interface Completion {
  readonly text: string;
  readonly kind: 'field' | 'executor' | 'task' | 'value';
  readonly description: string | undefined;
}

export interface CompletionContext {
  readonly executors: readonly KnownExecutor[];
  /** Of the file as it was when it could last be read. */
  readonly outline: Outline;
  /** Definition files that can be used, as they are written. */
  readonly files?: readonly string[];
  /** What used files take, by the paths as they are written. */
  readonly used?: ReadonlyMap<string, DeclaredInputs>;
}

/** `before`: the text up to the place. Never throws. */
export function completionsAt(before: string, context: CompletionContext): readonly Completion[] {
  const lines = before.split('\n');
  const line = lines.at(-1) ?? '';
  const path = pathAbove(lines);
  if (/\bdeps\.\w*$/.test(line)) return taskCompletions(context, taskKeyIn(path));
  const valueOf = /^[\s-]*(\w+):\s+\S*$/.exec(line)?.[1];
  if (valueOf === 'executor') {
    return context.executors.map(({ type, description }) => ({ text: type, kind: 'executor', description }));
  }
  const isDependency =
    /\bdependencies:\s*\[[^\]]*$/.test(line) || (path.at(-1) === 'dependencies' && /^\s*-\s*\S*$/.test(line));
  if (isDependency || valueOf === 'parentId' || (valueOf === 'task' && path.includes('dependencies'))) {
    return taskCompletions(context, taskKeyIn(path));
  }
  if (valueOf === 'use') {
    return (context.files ?? []).map((text) => ({ text, kind: 'value', description: undefined }));
  }
  const given = inputsOfUsed(path, lines, context);
  if (given !== undefined && valueOf !== undefined) return choicesOf(given[valueOf]);
  if (valueOf !== undefined) return valueCompletions(path, valueOf);
  if (!/^[\s-]*\w*$/.test(line)) return [];
  return fieldCompletions(path, lines, context);
}

/** What a field means; undefined: it is none that is known. */
export function describeField(before: string, field: string, context: CompletionContext): string | undefined {
  const lines = before.split('\n');
  return fieldCompletions(pathAbove(lines), lines, context).find(({ text }) => text === field)?.description;
}

/** Keys of the maps that the last line is in, from outside in; lists count for nothing. */
function pathAbove(lines: readonly string[]): readonly string[] {
  const path: string[] = [];
  let indent = indentOf(lines.at(-1) ?? '');
  for (let index = lines.length - 2; index >= 0 && indent > 0; index -= 1) {
    const line = lines[index] ?? '';
    const key = /^([\s-]*)(["']?)([^:#"']+)\2:(\s|$)/.exec(line);
    const at = indentOf(line);
    if (key?.[3] === undefined || at >= indent) continue;
    path.unshift(key[3].trim());
    indent = at;
  }
  return path;
}

function indentOf(line: string): number {
  return /^[\s-]*/.exec(line)?.[0].length ?? 0;
}

/** The task that a path is in: the key after the last `tasks` or `children`. */
function taskKeyIn(path: readonly string[]): string | undefined {
  const at = Math.max(path.lastIndexOf('tasks'), path.lastIndexOf('children'));
  return at < 0 ? undefined : path[at + 1];
}

/** All tasks but itself and those that depend on it: that would be a cycle. */
function taskCompletions({ outline }: CompletionContext, own: string | undefined): readonly Completion[] {
  const tasks = allTasks(outline);
  const excluded = new Set(own === undefined ? [] : [own]);
  for (let size = -1; size !== excluded.size;) {
    size = excluded.size;
    for (const { key, dependencies } of tasks) if (dependencies.some((each) => excluded.has(each))) excluded.add(key);
  }
  return tasks
    .filter(({ key }) => !excluded.has(key))
    .map(({ key, name, executor }) => ({ text: key, kind: 'task', description: `${name} (${executor ?? 'group'})` }));
}

/** Parsed once: it is made of the protocol's schemas. */
let schema: JsonObject | undefined;

function definitionSchema(): JsonObject {
  schema ??= definitionJsonSchema();
  return schema;
}

function fieldCompletions(
  path: readonly string[],
  lines: readonly string[],
  context: CompletionContext,
): readonly Completion[] {
  const { executors } = context;
  const given = inputsOfUsed(path, lines, context);
  if (given !== undefined)
    return Object.entries(given).map(([text, { description }]) => ({ text, kind: 'field', description }));
  const inputsAt = path.indexOf('inputs');
  if (inputsAt > 0) {
    const executor = workAbove(lines)?.executor;
    const input = executors.find(({ type }) => type === executor)?.input;
    return path.length === inputsAt + 1 ? propertiesOf(input) : [];
  }
  return propertiesOf(schemaAt(path));
}

/** The executor of the task that the last line is in, or the file that it uses: nearest above, at a smaller or equal indentation of its fields. */
function workAbove(lines: readonly string[]): { readonly executor?: string; readonly use?: string } | undefined {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const [, field, text] = /^[\s-]*(executor|use):\s*["']?([^\s"']+)/.exec(lines[index] ?? '') ?? [];
    if (field !== undefined && text !== undefined) return field === 'use' ? { use: text } : { executor: text };
  }
  return undefined;
}

/** What the used file takes, where the last line is directly in the `inputs` of a task that uses one. */
function inputsOfUsed(
  path: readonly string[],
  lines: readonly string[],
  { used }: CompletionContext,
): DeclaredInputs | undefined {
  const inputsAt = path.indexOf('inputs');
  if (used === undefined || inputsAt <= 0 || path.length !== inputsAt + 1) return undefined;
  const use = workAbove(lines)?.use;
  return use === undefined ? undefined : used.get(use);
}

function choicesOf(declaration: InputDeclaration | undefined): readonly Completion[] {
  const choices = declaration?.enum ?? (declaration?.type === 'boolean' ? [true, false] : []);
  const textOf = (choice: Json): string => (typeof choice === 'string' ? choice : JSON.stringify(choice));
  return choices.map((choice) => ({ text: textOf(choice), kind: 'value', description: declaration?.description }));
}

/** The schema of the map at a path; undefined where keys are free or unknown. */
function schemaAt(path: readonly string[]): Json | undefined {
  let at: Json | undefined = definitionSchema();
  let index = 0;
  while (index < path.length) {
    const key = path[index] as string;
    at = propertyOf(at, key) ?? entryOf(at);
    index += 1;
    if (key !== 'tasks' && key !== 'children') continue;
    // Directly inside, the keys are ids.
    if (index === path.length) return undefined;
    at = definitionOf('Task');
    index += 1;
  }
  return at;
}

function propertyOf(from: Json | undefined, key: string): Json | undefined {
  const properties = (resolved(from) as JsonObject | undefined)?.['properties'] as JsonObject | undefined;
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** Of a map whose keys are free: what is declared by them. */
function entryOf(from: Json | undefined): Json | undefined {
  const entries = (resolved(from) as JsonObject | undefined)?.['additionalProperties'] as JsonObject | undefined;
  return (entries?.['anyOf'] as readonly Json[] | undefined)?.[0];
}

function definitionOf(name: string): Json | undefined {
  return (definitionSchema()['$defs'] as JsonObject)[name];
}

function resolved(from: Json | undefined): Json | undefined {
  const reference = (from as JsonObject | undefined)?.['$ref'];
  return typeof reference === 'string' ? definitionOf(reference.slice('#/$defs/'.length)) : from;
}

function propertiesOf(from: Json | undefined): readonly Completion[] {
  const properties = (resolved(from) as JsonObject | null | undefined)?.['properties'] as JsonObject | undefined;
  return Object.entries(properties ?? {}).map(([text, property]) => {
    const { description } = (resolved(property) ?? {}) as { readonly description?: Json };
    return { text, kind: 'field', description: typeof description === 'string' ? description : undefined };
  });
}

function valueCompletions(path: readonly string[], field: string): readonly Completion[] {
  const property = resolved(propertyOf(schemaAt(path), field)) as JsonObject | undefined;
  const [first] = (property?.['anyOf'] ?? []) as readonly JsonObject[];
  const choices = property?.['enum'] ?? first?.['enum'];
  if (Array.isArray(choices))
    return choices.map((choice) => ({ text: String(choice), kind: 'value', description: undefined }));
  if (property?.['type'] !== 'boolean') return [];
  return ['true', 'false'].map((text) => ({ text, kind: 'value', description: undefined }));
}
