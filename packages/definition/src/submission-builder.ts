/**
 * Turns the value of a definition file into what `tasks.create` accepts, and remembers where each part came from.
 *
 * 1. `tasks` is a list, or a map whose keys are ids; `children` nest in the same two ways and become `parentId`.
 * 2. Several tasks at the top: the file itself is the root group, named by `name` or by the file. One: that one is the root.
 * 3. In `policies`, `repeat`, `wait` and `approval`, a duration field may be written without its suffix and with a unit (`timeout: 30s` is
 *    `timeoutMs: 30000`); in a wait also as an expression. In `inputs`, a field named `ms` or ending in `Ms` may
 *    have a unit. Nothing else in `inputs` is touched.
 * Fields are not checked here but by the protocol's schema, so that there is one truth about them.
 */
import { parseDuration } from '@coppice/extension';
import { declaredParams } from './declared-inputs.ts';
import type { FilePath } from './definition-source.ts';

/** Anything a file holds; plain data. */
type Fields = Readonly<Record<string, unknown>>;

/** A problem found while building, by its place in the file. */
export interface BuildProblem {
  readonly path: FilePath;
  readonly message: string;
  /** Point at the key, not at its value. */
  readonly part?: 'key' | 'value';
}

export interface BuiltSubmission {
  /** Params of `tasks.create`, not yet checked. */
  readonly params: Fields;
  readonly problems: readonly BuildProblem[];
  /** Place in the file of a path into `params`. */
  originOf(path: FilePath): FilePath;
}

/** Fields of the file itself; fields starting with `x-` are free, e.g. to hold YAML anchors. */
export const FILE_FIELDS = [
  '$schema',
  'version',
  'name',
  'description',
  'tasks',
  'inputs',
  'outputs',
  'variables',
  'policies',
] as const;

/** Fields of policies that hold a duration, without their suffix. */
export const DURATION_FIELDS = [
  'timeout',
  'heartbeatTimeout',
  'runTimeout',
  'delay',
  'maxDelay',
  'maxElapsed',
  'for',
  'reminder',
] as const;

const durationFields: ReadonlySet<string> = new Set(DURATION_FIELDS);

/** A task as it will be submitted, and its place in the file. */
interface Entry {
  readonly task: Record<string, unknown>;
  readonly path: FilePath;
}

interface BuildState {
  /** In declared order, parents before their nested children. */
  readonly entries: Entry[];
  /** Places in the file by path into the params (as JSON text); the longest known prefix of a path decides. */
  readonly origins: Map<string, FilePath>;
  readonly problems: BuildProblem[];
}

interface Parent {
  readonly reference: string | undefined;
}

/** Builds the params; `fallbackName` names a root group that the file does not name. */
export function buildSubmission(file: Fields, fallbackName: string): BuiltSubmission {
  const building: BuildState = { entries: [], origins: new Map(), problems: [] };
  const { tasks } = file;
  if (tasks === undefined) building.problems.push({ path: [], message: 'There are no tasks. Add them under "tasks".' });
  else addAll(building, { tasks, path: ['tasks'], parent: undefined });
  addRoot(building, file, fallbackName);
  for (const [index, entry] of building.entries.entries()) {
    building.origins.set(pathKey(['tasks', index]), entry.path);
    normaliseTask(building, entry, index);
  }
  const params: Record<string, unknown> = { tasks: building.entries.map((entry) => entry.task) };
  if (file['variables'] !== undefined) params['variables'] = file['variables'];
  const declared = declaredParams(file);
  Object.assign(params, declared.params);
  for (const [to, from] of declared.origins) building.origins.set(pathKey(to), from);
  if (file['policies'] !== undefined) {
    params['policies'] = normaliseDurations(building, file['policies'], { from: ['policies'], to: ['policies'] });
  }
  return { params, problems: building.problems, originOf: (path) => originOf(building.origins, path) };
}

/** A task, or a list or map of them, that is still to be added. */
type Waiting = Members | { readonly task: unknown; readonly place: TaskPlace };

interface Members {
  readonly tasks: unknown;
  readonly path: FilePath;
  readonly parent: Parent | undefined;
}

/** Not recursive: groups may be nested deeper than the stack. */
function addAll(building: BuildState, top: Members): void {
  const stack: Waiting[] = [top];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if ('tasks' in next) {
      for (const member of membersOf(building, next).toReversed()) stack.push(member);
    } else {
      const below = addTask(building, next.task, next.place);
      if (below !== undefined) stack.push(below);
    }
  }
}

function membersOf(building: BuildState, { tasks, path, parent }: Members): readonly Waiting[] {
  if (Array.isArray(tasks)) {
    return tasks.map((task: unknown, index) => ({ task, place: { path: [...path, index], key: undefined, parent } }));
  }
  if (isFields(tasks)) {
    return Object.entries(tasks).map(([key, task]) => ({
      task: task ?? {},
      place: { path: [...path, key], key, parent },
    }));
  }
  building.problems.push({ path, message: 'Expected a list of tasks, or a map from ids to tasks.' });
  return [];
}

interface TaskPlace {
  readonly path: FilePath;
  /** The map's key: the task's id. */
  readonly key: string | undefined;
  readonly parent: Parent | undefined;
}

/** Answers its members, which are to be added next. */
function addTask(building: BuildState, value: unknown, place: TaskPlace): Members | undefined {
  const { path, key, parent } = place;
  if (!isFields(value)) {
    building.problems.push({ path, message: 'Expected a task: a map of fields such as executor and inputs.' });
    return undefined;
  }
  const { children, ...fields } = value;
  const task: Record<string, unknown> = { ...fields };
  if (key !== undefined) {
    if (fields['id'] !== undefined && fields['id'] !== key) {
      building.problems.push({ path: [...path, 'id'], message: `The key "${key}" is the task's id. Remove "id".` });
    }
    task['id'] = key;
  }
  const reference = firstText(task['id'], task['name']);
  if (parent !== undefined) {
    if (fields['parentId'] !== undefined) {
      building.problems.push({
        path: [...path, 'parentId'],
        message: 'A task under "children" has its parent already. Remove "parentId".',
        part: 'key',
      });
    }
    if (parent.reference !== undefined) task['parentId'] = parent.reference;
  }
  building.entries.push({ task, path });
  if (children === undefined || children === null) return undefined;
  return { tasks: children, path: [...path, 'children'], parent: { reference } };
}

function addRoot(building: BuildState, file: Fields, fallbackName: string): void {
  const tasks = building.entries.map((entry) => entry.task);
  const tops = tasks.filter((task) => task['parentId'] === undefined);
  const name = firstText(file['name']);
  const [only] = tops;
  if (only === undefined) return;
  if (tops.length === 1) {
    if (name !== undefined) only['name'] ??= name;
    return;
  }
  const taken = new Set(tasks.flatMap((task) => [task['id'], task['name']]));
  const rootName = name ?? fallbackName;
  let reference = rootName;
  while (taken.has(reference)) reference = `${reference}-tree`;
  for (const top of tops) top['parentId'] = reference;
  const byId = tasks.some((task) => task['id'] !== undefined);
  building.entries.unshift({ task: byId ? { id: reference, name: rootName } : { name: reference }, path: [] });
}

function normaliseTask(building: BuildState, entry: Entry, index: number): void {
  const { task, path } = entry;
  for (const field of ['policies', 'repeat', 'wait', 'approval'] as const) {
    if (task[field] === undefined) continue;
    const move = { from: [...path, field], to: ['tasks', index, field] };
    task[field] = normaliseDurations(building, task[field], move);
  }
  if (isFields(task['inputs'])) {
    const entries = Object.entries(task['inputs']).map(
      ([field, value]) => [field, inputDuration(field, value)] as const,
    );
    task['inputs'] = Object.fromEntries(entries);
  }
}

function inputDuration(field: string, value: unknown): unknown {
  return /(^ms|Ms)$/.test(field) && typeof value === 'string' ? (parseDuration(value) ?? value) : value;
}

interface Move {
  readonly from: FilePath;
  readonly to: FilePath;
}

/** `retry` is the only map in policies; the maps in a wait are values, in which nothing is touched. */
function normaliseDurations(building: BuildState, policies: unknown, move: Move): unknown {
  if (!isFields(policies)) return policies;
  const result: [string, unknown][] = [];
  for (const [field, value] of Object.entries(policies)) {
    const from = [...move.from, field];
    if (field === 'retry' && move.to.at(-1) === 'policies') {
      result.push([field, normaliseDurations(building, value, { from, to: [...move.to, field] })]);
      continue;
    }
    const isShort = durationFields.has(field);
    const target = isShort ? `${field}Ms` : field;
    if (isShort && Object.hasOwn(policies, target)) {
      building.problems.push({
        path: from,
        message: `"${field}" and "${target}" are the same field. Keep one.`,
        part: 'key',
      });
      continue;
    }
    building.origins.set(pathKey([...move.to, target]), from);
    result.push([target, isShort || field.endsWith('Ms') ? duration(building, value, { path: from, isShort }) : value]);
  }
  return Object.fromEntries(result);
}

function duration(
  building: BuildState,
  value: unknown,
  place: { readonly path: FilePath; readonly isShort: boolean },
): unknown {
  if (typeof value === 'string') {
    if (value.includes('${{')) return value;
    const ms = parseDuration(value);
    if (ms !== undefined) return ms;
    const message = `${JSON.stringify(value)} is no duration. Write for example 250ms, 30s, 5m or 1h30m.`;
    building.problems.push({ path: place.path, message });
    return 0;
  }
  if (place.isShort && typeof value === 'number' && value !== 0) {
    const field = String(place.path.at(-1));
    building.problems.push({
      path: place.path,
      message: `${value} has no unit. Write ${value}s, or "${field}Ms: ${value}".`,
    });
  }
  return value;
}

function originOf(origins: ReadonlyMap<string, FilePath>, path: FilePath): FilePath {
  for (let length = path.length; length > 0; length -= 1) {
    const origin = origins.get(pathKey(path.slice(0, length)));
    if (origin !== undefined) return [...origin, ...path.slice(length)];
  }
  return path;
}

function pathKey(path: FilePath): string {
  return JSON.stringify(path);
}

/** True for a map of fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
