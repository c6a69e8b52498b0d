/**
 * The text of a task's definition in a file. Values that follow from other values, and default values, are left out.
 *
 * An id that was made from tree id and position is left out, and a key that equals the name, too. A dependency names its source by position,
 * or by id when the id does not follow from the position. It is a list `[source, ref]`, or an object when it has more fields.
 */
import {
  DEFAULTS,
  DEPENDENCY_DEFAULTS,
  FIELD_LIST,
  kindOf,
  type ListedField,
  memberId,
  type Dependency,
  type TaskDefinition,
  type TaskId,
  type TreeId,
} from '@coppice/core';

/** One definition as texts. Null: there is nothing to write. */
export interface TaskTexts {
  readonly id: string | null;
  readonly key: string | null;
  readonly name: string;
  /** Position of the parent. */
  readonly parent: number | null;
  readonly executor: string | null;
  /** JSON list. */
  readonly dependencies: string | null;
  /** JSON object: the fields that are not default. */
  readonly rest: string | null;
}

/** Positions of tasks that name each other. */
export interface Places {
  /** Position of a task. */
  readonly positionOf: (id: TaskId) => number;
  /** True when the id of the task follows from this position. */
  isDerived(id: TaskId, index: number): boolean;
}

/** Positions of the tasks of a tree. */
export class TaskPlaces implements Places {
  readonly treeId: string;
  readonly positionOf: (id: TaskId) => number;
  /** For each position whether the id of the task follows from it. Computed once. */
  readonly #derived: (boolean | undefined)[] = [];

  constructor(treeId: string, positionOf: (id: TaskId) => number) {
    this.treeId = treeId;
    this.positionOf = positionOf;
  }

  isDerived(id: TaskId, index: number): boolean {
    return (this.#derived[index] ??= id === this.treeId || id === memberId(this.treeId as TreeId, index));
  }
}

/** Id of the task at a position, when no id was submitted. */
export function derivedId(treeId: string, index: number, isRoot: boolean): TaskId {
  return isRoot ? (treeId as TaskId) : memberId(treeId as TreeId, index);
}

/** Texts of the task at a position. */
export function taskTexts(definition: TaskDefinition, index: number, places: Places): TaskTexts {
  const { id, key, name, parentId, executor, dependencies } = definition;
  return {
    id: places.isDerived(id, index) ? null : id,
    key: key === name ? null : key,
    name,
    parent: parentId === undefined ? null : places.positionOf(parentId),
    executor: executor ?? null,
    dependencies: dependencies.length === 0 ? null : dependenciesText(dependencies, places),
    rest: restText(definition),
  };
}

function dependenciesText(dependencies: readonly Dependency[], places: Places): string {
  let text = '[';
  for (let at = 0; at < dependencies.length; at++) {
    const dependency = dependencies[at] as Dependency;
    const source = sourceOf(dependency.task, places);
    if (at > 0) text += ',';
    text += isPlain(dependency)
      ? `[${typeof source === 'number' ? source : JSON.stringify(source)},${JSON.stringify(dependency.ref)}]`
      : JSON.stringify({ ...dependency, task: source });
  }
  return `${text}]`;
}

function sourceOf(id: TaskId, places: Places): number | string {
  const position = places.positionOf(id);
  return places.isDerived(id, position) ? position : id;
}

function isPlain({ required, on, port, condition, into, enabled }: Dependency): boolean {
  const isOnDefault = on.length === DEPENDENCY_DEFAULTS.on.length && on[0] === DEPENDENCY_DEFAULTS.on[0];
  return required && enabled && isOnDefault && port === undefined && condition === undefined && into === undefined;
}

/** Fields of a definition that have a place in `TaskTexts`, or follow from such fields. */
const PLACED: ReadonlySet<string> = new Set([
  'id',
  'key',
  'name',
  'parentId',
  'kind',
  'executor',
  'dependencies',
] satisfies (keyof TaskDefinition)[]);

const REST = FIELD_LIST.filter(({ name }) => !PLACED.has(name));

/** Text of the other fields; null when all have their default values. */
export function restText(definition: TaskDefinition): string | null {
  const { kind, executor, wait, approval } = definition;
  let rest: Record<string, unknown> | undefined;
  if (kind !== undefined && kind !== kindOf({ executor, wait, approval })) rest = { kind };
  for (let at = 0; at < REST.length; at++) {
    const { name, unsaid } = REST[at] as ListedField;
    const value = definition[name];
    if (value === undefined || value === unsaid || isEmpty(value)) continue;
    (rest ??= {})[name] = value;
  }
  return rest === undefined ? null : JSON.stringify(rest);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !hasKeys(value);
}

function hasKeys(value: object): boolean {
  for (const _ in value) return true;
  return false;
}

/** The parsed texts of a task. */
export interface WrittenTask {
  readonly key: string | null;
  readonly name: string;
  readonly parentId: string | null;
  readonly executor: string | null;
  readonly dependencies: readonly WrittenDependency[];
  readonly rest: Partial<TaskDefinition>;
}

export type WrittenDependency =
  readonly [number | string, string] | (Omit<Dependency, 'task'> & { readonly task: number | string });

/** Makes the definition from its texts. `idAt`: the id of the task at a position, for sources that are named by position. */
export function writtenDefinition(
  written: WrittenTask,
  id: TaskId,
  idAt: (position: number) => TaskId,
): TaskDefinition {
  const { key, name, parentId, executor, dependencies, rest } = written;
  const definition: TaskDefinition = {
    ...DEFAULTS,
    id,
    key: key ?? name,
    name,
    parentId: parentId === null ? undefined : (parentId as TaskId),
    kind: kindOf({ executor, ...rest, kind: undefined }),
    executor: executor ?? undefined,
    dependencies: dependencies.map((dependency) => writtenDependency(dependency, idAt)),
  };
  return hasKeys(rest) ? Object.assign(definition, rest) : definition;
}

function writtenDependency(dependency: WrittenDependency, idAt: (position: number) => TaskId): Dependency {
  const idOf = (source: number | string): TaskId => (typeof source === 'number' ? idAt(source) : (source as TaskId));
  if (!('task' in dependency)) {
    const [source, ref] = dependency;
    const { required, on, enabled } = DEPENDENCY_DEFAULTS;
    return { task: idOf(source), ref, required, on, enabled };
  }
  return { ...dependency, task: idOf(dependency.task) };
}
