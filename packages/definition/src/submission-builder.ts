/**
 * Turns the value of a definition file into what `tasks.create` accepts, and remembers where each part came from.
 *
 * 1. `tasks` is a list, or a map whose keys are ids; `children` nest in the same two ways and become `parentId`.
 * 2. Several tasks at the top: the file itself is the root group, named by `name` or by the file. One: that one is the root.
 * 3. In `policies`, `repeat`, `wait` and `approval`, a duration field may be written without its suffix and with a unit (`timeout: 30s` is
 *    `timeoutMs: 30000`); in a wait also as an expression. In `inputs`, a field named `ms` or ending in `Ms` may
 *    have a unit. Nothing else in `inputs` is touched.
 * 4. A task with `use` becomes a group, and the tasks of the used file its members (`used-definition.ts`).
 * Fields are not checked here but by the protocol's schema, so that there is one truth about them.
 */
import { declaredParams } from './declared-inputs.ts';
import type { DefinitionProblem } from './definition-source.ts';
import { inputsOf, withDurations, type Move } from './durations.ts';
import { firstText, isFields, type Fields } from './fields.ts';
import { below, Origins, type Place } from './place.ts';
import { openUse, qualify } from './used-definition.ts';
import type { BuildProblem, BuildState, Entry, Members, Parent, Scope } from './build-state.ts';
import type { UsedFiles } from './used-files.ts';

export interface BuiltSubmission {
  /** Params of `tasks.create`, not yet checked. */
  readonly params: Fields;
  readonly problems: readonly BuildProblem[];
  /** Problems of used files as they are written. */
  readonly located: readonly DefinitionProblem[];
  readonly origins: Origins;
}

/** What there is to build. */
export interface BuildSource {
  readonly value: Fields;
  readonly scope: Scope;
  readonly files: UsedFiles;
  /** Names a root group that the file does not name. */
  readonly fallbackName: string;
}

export function buildSubmission({ value: file, scope, files, fallbackName }: BuildSource): BuiltSubmission {
  const origins = new Origins(scope.file);
  const building: BuildState = {
    entries: [],
    origins,
    problems: [],
    located: [],
    files,
    checked: new Set(),
    uses: 0,
  };
  const place: Place = { file: scope.file, path: ['tasks'] };
  addAll(building, { tasks: file['tasks'], place, parent: undefined, scope });
  if (building.uses > 0) qualify(building);
  addRoot(building, scope, { name: firstText(file['name']), fallbackName });
  for (const [index, entry] of building.entries.entries()) {
    origins.set(['tasks', index], entry.place);
    for (const [to, from] of entry.moved) origins.set(['tasks', index, ...to], from);
    normaliseTask(building, entry, index);
  }
  const params: Record<string, unknown> = { tasks: building.entries.map((entry) => entry.task) };
  if (file['variables'] !== undefined) params['variables'] = file['variables'];
  const declared = declaredParams(file);
  Object.assign(params, declared.params);
  for (const [to, from] of declared.origins) origins.set(to, { file: scope.file, path: from });
  if (file['policies'] !== undefined) {
    const from = { file: scope.file, path: ['policies'] };
    params['policies'] = withDurations(building, file['policies'], { from, to: ['policies'] });
  }
  return { params, problems: building.problems, located: building.located, origins };
}

/** A task, or a list or map of them, that is still to be added. */
type Waiting = Members | TaskToAdd;

interface TaskToAdd {
  readonly task: unknown;
  readonly place: Place;
  /** The map's key: the task's id. */
  readonly key: string | undefined;
  readonly parent: Parent | undefined;
  readonly scope: Scope;
}

/** Not recursive: groups may be nested deeper than the stack. */
function addAll(building: BuildState, top: Members): void {
  const stack: Waiting[] = [top];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if ('tasks' in next) {
      for (const member of membersOf(building, next).toReversed()) stack.push(member);
    } else {
      const inside = addTask(building, next);
      if (inside !== undefined) stack.push(inside);
    }
  }
}

function membersOf(building: BuildState, { tasks, place, parent, scope }: Members): readonly TaskToAdd[] {
  if (Array.isArray(tasks)) {
    return tasks.map((task: unknown, index) => ({ task, place: below(place, index), key: undefined, parent, scope }));
  }
  if (isFields(tasks)) {
    return Object.entries(tasks).map(([key, task]) => ({
      task: task ?? {},
      place: below(place, key),
      key,
      parent,
      scope,
    }));
  }
  if (tasks === undefined && (parent === undefined || parent.isUsed === true))
    building.problems.push({ ...place, path: [], message: 'There are no tasks. Add them under "tasks".' });
  else building.problems.push({ ...place, message: 'Expected a list of tasks, or a map from ids to tasks.' });
  return [];
}

/** Answers its members, which are to be added next. */
function addTask(building: BuildState, { task: value, place, key, parent, scope }: TaskToAdd): Members | undefined {
  const { problems } = building;
  if (!isFields(value)) {
    problems.push({ ...place, message: 'Expected a task: a map of fields such as executor and inputs.' });
    return undefined;
  }
  const { children, use, ...fields } = value;
  const task: Record<string, unknown> = { ...fields };
  if (key !== undefined) {
    if (fields['id'] !== undefined && fields['id'] !== key)
      problems.push({ ...below(place, 'id'), message: `The key "${key}" is the task's id. Remove "id".` });
    task['id'] = key;
  }
  const name = firstText(task['id'], task['name']);
  const reference = name === undefined ? undefined : `${scope.prefix}${name}`;
  if (parent !== undefined && parent.isUsed !== true && fields['parentId'] !== undefined) {
    const message = 'A task under "children" has its parent already. Remove "parentId".';
    problems.push({ ...below(place, 'parentId'), message, part: 'key' });
  }
  const parentId = fields['parentId'];
  if (parent !== undefined && (parent.isUsed !== true || parentId === undefined)) {
    if (parent.reference !== undefined) task['parentId'] = parent.reference;
  } else if (typeof parentId === 'string') task['parentId'] = `${scope.prefix}${parentId}`;
  const entry: Entry = { task, place, scope, moved: [] };
  building.entries.push(entry);
  if (use !== undefined) return openUse(building, entry, { use, reference, children });
  if (children === undefined || children === null) return undefined;
  return { tasks: children, place: below(place, 'children'), parent: { reference }, scope };
}

interface RootNames {
  readonly name: string | undefined;
  readonly fallbackName: string;
}

function addRoot(building: BuildState, scope: Scope, { name, fallbackName }: RootNames): void {
  const tasks = building.entries.map((entry) => entry.task);
  const tops = tasks.filter((task) => task['parentId'] === undefined);
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
  const task = byId ? { id: reference, name: rootName } : { name: reference };
  building.entries.unshift({ task, place: { file: scope.file, path: [] }, scope, moved: [] });
}

function normaliseTask(building: BuildState, { task, place, policies }: Entry, index: number): void {
  const used =
    policies === undefined
      ? undefined
      : withDurations(building, policies.value, { from: policies, to: ['tasks', index, 'policies'] });
  for (const field of ['policies', 'repeat', 'wait', 'approval'] as const) {
    if (task[field] === undefined) continue;
    task[field] = withDurations(building, task[field], { from: below(place, field), to: ['tasks', index, field] });
  }
  if (isFields(used))
    task['policies'] = isFields(task['policies']) ? { ...used, ...task['policies'] } : (task['policies'] ?? used);
  task['inputs'] = inputsOf(task['inputs']);
  if (task['inputs'] === undefined) delete task['inputs'];
  for (const field of ['fallback', 'compensate'] as const) {
    const work = task[field];
    if (isFields(work))
      task[field] = otherWork(building, work, { from: below(place, field), to: ['tasks', index, field] });
  }
}

/** What another executor than that of the task does for it. */
function otherWork(building: BuildState, work: Fields, { from, to }: Move): Fields {
  const { inputs, policies } = work;
  return {
    ...work,
    ...(inputs === undefined ? {} : { inputs: inputsOf(inputs) }),
    ...(policies === undefined
      ? {}
      : { policies: withDurations(building, policies, { from: below(from, 'policies'), to: [...to, 'policies'] }) }),
  };
}
