/** Turns a submission that was checked into a definition: ids, references and defaults are filled in. */
import type { JsonObject, TaskId, TreeId } from '@coppice/extension';
import { withDefaults } from '../task/declared-inputs.ts';
import { firesOnFailure } from '../task/failure-edge.ts';
import { nearestGroups } from '../graph/wait-graph.ts';
import { addRare, DEFAULTS } from '../task/field-list.ts';
import { DEPENDENCY_DEFAULTS } from '../task/fields.ts';
import { kindOf } from '../task/kind.ts';
import { multiplied } from '../task/multiplied.ts';
import { isMultiplied } from '../task/multiplier.ts';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import { APPROVED } from '../task/wait.ts';
import type { Dependency, Priority, TaskDefinition, TreeDefinition } from '../task/task.ts';
import { declaredVariables } from '../variables/declarations.ts';
import { refOf, type ResolvedDependency } from './dependencies.ts';
import type { Identities } from './identities.ts';
import { inheritedPriority } from './inherited-priority.ts';
import type { Parentage } from './parents.ts';

/** The results of the checks so far, from which the definition is made. */
export interface CheckedSubmission {
  readonly tasks: readonly TaskSubmission[];
  readonly identities: Identities;
  readonly parentage: Parentage;
  readonly dependencies: readonly (readonly ResolvedDependency[])[];
}

/** `context.treeId`: of the new tree, unless the submission brings its own ids. */
export function defineTree(
  submission: TreeSubmission,
  draft: CheckedSubmission,
  context: { readonly treeId: TreeId; readonly reidentify?: boolean | undefined },
): TreeDefinition {
  const { identities, parentage } = draft;
  const keepsIds = identities.mode === 'id' && context.reidentify !== true;
  const treeId = keepsIds ? ((identities.keys[parentage.root] ?? '') as TreeId) : context.treeId;
  const holders = multipliedAbove(draft.tasks, parentage);
  let index = 0;
  const ids = identities.keys.map((key, position): TaskId => {
    // What is inside a multiplied task is no task of the tree: copies are made of it.
    if (keepsIds || (holders !== undefined && holders[position] !== -1)) return key as TaskId;
    const at = index++;
    return position === parentage.root ? treeId : memberId(treeId, at);
  });
  const { variables, merges } = declaredVariables(submission.variables);
  const shared: SharedDependencies = [];
  const priorityAbove = inheritedPriority(draft.tasks, parentage.parents);
  return {
    treeId,
    tasks: nested(draft, holders, (position) => defineTask(draft, position, { ids, shared, priorityAbove })),
    inputs: valuesOf(submission),
    ...(submission.declares === undefined ? {} : { declares: submission.declares }),
    variables,
    ...(merges === undefined ? {} : { merges }),
    policies: submission.policies ?? {},
    ...(submission.baseDir === undefined ? {} : { baseDir: submission.baseDir }),
  };
}

/** The inputs as they are given, and defaults where none is. */
function valuesOf({ inputs = {}, declares }: TreeSubmission): JsonObject {
  return declares?.inputs === undefined ? inputs : withDefaults(declares.inputs, inputs);
}

/** Id of the task at a position of a tree, except the root. The id is short, and unique in the store because the id of the tree is. */
export function memberId(treeId: TreeId, position: number): TaskId {
  return `${treeId}.${position.toString(36)}` as TaskId;
}

/** All tasks of the tree; those inside a multiplied task are put into that. */
function nested(
  { tasks, identities }: CheckedSubmission,
  holders: Int32Array | undefined,
  define: (position: number) => TaskDefinition,
): readonly TaskDefinition[] {
  const defined = tasks.map((_, position) => define(position));
  if (holders === undefined) return defined;
  const bodies: TaskDefinition[][] = defined.map(() => []);
  const whole = (position: number): TaskDefinition => {
    const task = defined[position] as TaskDefinition;
    const fields = tasks[position] as TaskSubmission;
    if (!isMultiplied(fields)) return task;
    const key = identities.keys[position] as TaskId;
    const below = (bodies[position] as TaskDefinition[])
      .reverse()
      .map((each) => (each.parentId === task.id ? { ...each, parentId: key } : each));
    return { ...multiplied({ ...task, id: key }, fields, below), id: task.id };
  };
  // The innermost first: what holds them takes them whole.
  for (const position of innermostFirst(holders)) bodies[holders[position] as number]?.push(whole(position));
  return tasks.flatMap((_, position) => (holders[position] === -1 ? [whole(position)] : []));
}

/** Positions inside multiplied tasks, the deepest and last first. */
function innermostFirst(holders: Int32Array): readonly number[] {
  const depths = [...holders.keys()].map((position) => {
    let depth = 0;
    for (let at = holders[position] as number; at >= 0; at = holders[at] as number) depth++;
    return depth;
  });
  const inside = [...holders.keys()].filter((position) => holders[position] !== -1);
  return inside.toSorted((a, b) => (depths[b] as number) - (depths[a] as number) || b - a);
}

/** For each task the position of the nearest multiplied task above it, -1: none; undefined: the tree has no such task. */
export function multipliedAbove(
  tasks: readonly TaskSubmission[],
  { parents }: Pick<Parentage, 'parents'>,
): Int32Array | undefined {
  if (!tasks.some(isMultiplied)) return undefined;
  return nearestGroups(parents, (position) => isMultiplied(tasks[position] as TaskSubmission));
}

/** Makes the definition of a task. Common fields are in one literal and rare ones are added, because spreading costs ten times as much. */
function defineTask(
  { tasks, identities, parentage, dependencies }: CheckedSubmission,
  position: number,
  naming: DefinitionContext,
): TaskDefinition {
  const { ids, priorityAbove } = naming;
  const task = tasks[position] as TaskSubmission;
  const key = identities.keys[position] as string;
  const parent = parentage.parents[position] as number;
  const defined: TaskDefinition = {
    id: ids[position] as TaskId,
    key,
    name: task.name ?? key,
    parentId: parent >= 0 ? ids[parent] : undefined,
    kind: kindOf(task),
    executor: task.executor,
    inputs: task.inputs ?? DEFAULTS.inputs,
    dependencies: defineDependencies(dependencies[position] as readonly ResolvedDependency[], naming),
    join: task.join ?? DEFAULTS.join,
    priority: (task.priority ?? priorityAbove?.(position) ?? DEFAULTS.priority) as Priority,
    policies: task.policies ?? DEFAULTS.policies,
    allowFailure: task.allowFailure ?? DEFAULTS.allowFailure,
    capabilities: task.capabilities ?? DEFAULTS.capabilities,
    tags: task.tags ?? DEFAULTS.tags,
    metadata: task.metadata ?? DEFAULTS.metadata,
  };
  addRare(defined, task);
  return task.approval === undefined ? defined : { ...defined, port: APPROVED };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The last dependency with default values but for its condition, by the position of its source: dependents of the source share it. */
type SharedDependencies = Dependency[];

interface DefinitionContext {
  readonly ids: readonly TaskId[];
  readonly shared: SharedDependencies;
  readonly priorityAbove: ((position: number) => number | undefined) | undefined;
}

function defineDependencies(
  dependencies: readonly ResolvedDependency[],
  { ids, shared }: DefinitionContext,
): TaskDefinition['dependencies'] {
  if (dependencies.length === 0) return DEFAULTS.dependencies;
  return dependencies.map((dependency) => {
    const { source } = dependency;
    const known = shared[source];
    if (known !== undefined && known.condition === dependency.condition && isPlain(dependency)) return known;
    const defined = defineDependency(dependency, ids[source] as TaskId);
    if (isPlain(dependency)) shared[source] = defined;
    return defined;
  });
}

/** True when it has default values but for its condition. */
function isPlain({ required, on, port, into, enabled, handles }: ResolvedDependency): boolean {
  return (
    handles === undefined &&
    required === undefined &&
    on === undefined &&
    port === undefined &&
    into === undefined &&
    enabled === undefined
  );
}

/** Fills in a dependency's defaults. */
export function defineDependency(dependency: ResolvedDependency, task: TaskId): Dependency {
  const { port, condition, into } = dependency;
  const defined: Writable<Dependency> = {
    task,
    ref: refOf(dependency),
    required: dependency.required ?? DEPENDENCY_DEFAULTS.required,
    on: dependency.on ?? DEPENDENCY_DEFAULTS.on,
    enabled: dependency.enabled ?? DEPENDENCY_DEFAULTS.enabled,
  };
  if (port !== undefined) defined.port = port;
  if (condition !== undefined) defined.condition = condition;
  if (into !== undefined) defined.into = into;
  if (firesOnFailure(defined)) defined.handles = dependency.handles ?? false;
  return defined;
}
