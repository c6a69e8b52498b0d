/**
 * A task with `use` becomes a group: its members are the tasks of the used file, its declarations those of the file. The ids of the members
 * begin with that of the group, so that a file can be used several times; expressions go on calling them as the file does.
 */
import { declaredParams } from './declared-inputs.ts';
import type { DefinitionSource } from './definition-source.ts';
import { fileProblems } from './file-fields.ts';
import { firstText, isFields, type Fields } from './fields.ts';
import { below, type Place } from './place.ts';
import type { BuildState, Entry, Members, Scope } from './build-state.ts';
import { isOutside, pathProblem, resolveUse } from './use-path.ts';

/** Files that may use each other in a row, the outermost included. */
const DEPTH_MAX = 16;

/** Times that files may be used in one definition. */
const USES_MAX = 1_000;

/** Tasks from which on no further file is opened. */
const TASKS_MAX = 100_000;

/** What a group that is written in another file can not have beside it. */
const REPLACED = ['executor', 'wait', 'approval', 'output', 'declares'] as const;

/** Policies of a file that count for a whole run. */
const OF_RUNS = ['runTimeout', 'runTimeoutMs', 'retryBudget'] as const;

interface UsingTask {
  readonly use: unknown;
  /** The task's id in the tree. */
  readonly reference: string | undefined;
  readonly children: unknown;
}

/** Makes the entry a group; answers the members that the file gives it. Undefined: they can not be had, and the reason has been told. */
export function openUse(building: BuildState, entry: Entry, using: UsingTask): Members | undefined {
  const { problems } = building;
  const { task, place, scope } = entry;
  building.uses += 1;
  for (const field of [...REPLACED, ...(using.children === undefined ? [] : ['children' as const])]) {
    if (field !== 'children' && task[field] === undefined) continue;
    problems.push({
      ...below(place, field),
      message: `A task with "use" is the group of that file. Remove "${field}".`,
      part: 'key',
    });
    delete task[field];
  }
  const found = findSource(building, scope, using);
  if (typeof found === 'string') {
    problems.push({ ...below(place, 'use'), message: found });
    return undefined;
  }
  const { source, path } = found;
  const value = checkedOnce(building, path, source);
  if (value === undefined) return undefined;
  declare(entry, path, value);
  const inner: Scope = { file: path, prefix: `${using.reference ?? ''}.`, above: scope };
  return {
    tasks: value['tasks'],
    place: { file: path, path: ['tasks'] },
    parent: { reference: using.reference, isUsed: true },
    scope: inner,
  };
}

/** The file that a task uses, or why there is none. */
function findSource(
  { files, uses, entries }: BuildState,
  scope: Scope,
  { use, reference }: UsingTask,
): { readonly source: DefinitionSource; readonly path: string } | string {
  if (typeof use !== 'string') return 'Expected the path of a definition file, such as ./deploy.coppice.yaml.';
  const problem = pathProblem(use);
  if (problem !== undefined) return problem;
  if (reference === undefined)
    return 'A task that uses a file needs an id or a name, because the ids of its members begin with it.';
  const path = resolveUse(scope.file, use);
  if (isOutside(path) && !files.allowOutside)
    return `${path} is outside of the folder of the definition that is read. Move the file into it, or allow it: --use-outside on the command line, "coppice.useOutside" in the editor.`;
  const chain: string[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.above) chain.unshift(at.file);
  const from = chain.indexOf(path);
  if (from >= 0)
    return `These files use each other without an end: ${[...chain.slice(from), path].join(' → ')}. Take one "use" out.`;
  if (chain.length >= DEPTH_MAX)
    return `Files use each other more than ${DEPTH_MAX} deep: ${[...chain, path].join(' → ')}. Use them side by side.`;
  if (uses > USES_MAX)
    return `Files are used more than ${USES_MAX} times. Use forEach, which takes one use for a whole list.`;
  if (entries.length > TASKS_MAX)
    return `The definition has more than ${TASKS_MAX} tasks before this file is used. Split it.`;
  const source = files.sources.get(path);
  if (source === undefined)
    return files.canRead
      ? `${path} was not read, because there are too many files.`
      : 'Files can not be used here, because nothing says in which folder this definition is.';
  return 'fault' in source ? source.fault : { source, path };
}

/** The fields of a used file; its own problems are told once, however often it is used. */
function checkedOnce(building: BuildState, path: string, source: DefinitionSource): Fields | undefined {
  const isFirst = !building.checked.has(path);
  building.checked.add(path);
  if (isFirst) building.located.push(...source.problems);
  const { value } = source;
  if (!isFields(value)) {
    if (isFirst && value !== undefined) building.problems.push(...fileProblems(path, value));
    return undefined;
  }
  if (isFirst) building.problems.push(...fileProblems(path, value), ...unusable(path, value));
  return value;
}

/** What belongs to a run, and has no place in a group. */
function unusable(file: string, { variables, policies }: Fields): BuildState['problems'] {
  const found: BuildState['problems'] = [];
  if (isFields(variables) && Object.keys(variables).length > 0) {
    const message =
      'This file is used by another one, and variables belong to a run. Hand values in as inputs and out as outputs.';
    found.push({ file, path: ['variables'], message, part: 'key' });
  }
  for (const field of OF_RUNS) {
    if (!isFields(policies) || policies[field] === undefined) continue;
    const message = `This file is used by another one, and ${field} counts for a whole run. Say it in the outermost file.`;
    found.push({ file, path: ['policies', field], message, part: 'key' });
  }
  return found;
}

/** Gives the group what its file says of inputs, outputs and policies. */
function declare(entry: Entry, file: string, value: Fields): void {
  const { params, origins } = declaredParams(value, { isUsed: true });
  entry.task['declares'] = params.declares;
  entry.moved.push([['declares'], { file, path: [] }]);
  for (const [to, path] of origins) entry.moved.push([to, { file, path }]);
  if (isFields(value['policies'])) {
    const { runTimeout: _a, runTimeoutMs: _b, retryBudget: _c, ...policies } = value['policies'];
    Object.assign(entry, { policies: { file, path: ['policies'], value: policies } });
  }
}

/**
 * Names the tasks by ids that are unique in the tree: those of a used file begin with the id of its group, and references inside of the file
 * with them. A reference to a task of another file is told.
 */
export function qualify({ entries, problems }: BuildState): void {
  const scopes = new Map<string, Scope>();
  for (const entry of entries) {
    const { task, scope } = entry;
    const reference = firstText(task['id'], task['name']);
    if (reference === undefined) continue;
    const id = `${scope.prefix}${reference}`;
    task['id'] = id;
    if (scope.prefix !== '') {
      task['name'] ??= reference;
      task['ref'] ??= reference;
    }
    if (!scopes.has(id)) scopes.set(id, scope);
  }
  const used = new Set(entries.map(({ scope }) => scope.prefix));
  for (const { task, place, scope } of entries) {
    const tell = (id: string, at: Place, found: Scope): void => {
      const message = `${id.slice(scope.prefix.length)} is a task of ${found.file}, which only that file knows. Name the task that uses the file: ${groupOf(found, scope)}.`;
      problems.push({ ...at, message });
    };
    const qualified = (reference: string, at: Place): string => {
      const id = `${scope.prefix}${reference}`;
      const found = scopes.get(id);
      if (found !== undefined && found.prefix !== scope.prefix) tell(id, at, found);
      return id;
    };
    const { dependencies, parentId } = task;
    if (Array.isArray(dependencies)) {
      task['dependencies'] = dependencies.map((dependency: unknown, index) => {
        const at = below(place, 'dependencies', index);
        if (typeof dependency === 'string') return qualified(dependency, at);
        if (!isFields(dependency) || typeof dependency['task'] !== 'string') return dependency;
        return { ...dependency, task: qualified(dependency['task'], below(at, 'task')) };
      });
    }
    if (typeof parentId !== 'string' || `${parentId}.` === scope.prefix) continue;
    const at = below(place, 'parentId');
    const found = scopes.get(parentId);
    if (found !== undefined && found.prefix !== scope.prefix) tell(parentId, at, found);
    else if (used.has(`${parentId}.`)) {
      const message = `${parentId.slice(scope.prefix.length)} has the tasks of the file that it uses, and no others. Put this task beside it, or into that file.`;
      problems.push({ ...at, message });
    }
  }
}

/** The task of `scope` that holds, directly or not, the tasks of `inner`; in the words of that file. */
function groupOf(inner: Scope, scope: Scope): string {
  let at = inner;
  while (at.above !== undefined && at.above.prefix !== scope.prefix) at = at.above;
  return at.prefix.slice(scope.prefix.length, -1);
}
