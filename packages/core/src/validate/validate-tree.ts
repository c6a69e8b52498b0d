/**
 * Turns a submission into a tree definition, or reports all its violations at once (R-TV-01 to R-TV-04, R-TV-10 to R-TV-12).
 *
 * 1. Validation does not read the store. The engine checks that ids are new there.
 * 2. The cost is linear in tasks, edges and the size of the inputs. Nothing is recursive.
 * 3. The protocol checks the types of fields before; validation checks their meaning.
 */
import type { TaskId, TreeId } from '@coppice/extension';
import { refuse } from '../errors/rejection.ts';
import type { Outcome } from '../errors/rejection.ts';
import { findCycles, isDeclaredInOrder } from '../graph/cycles.ts';
import { createWaitGraph, type WaitGraph } from '../graph/wait-graph.ts';
import { firesOnFailure } from '../task/failure-edge.ts';
import { addRare, DEFAULTS } from '../task/field-list.ts';
import { DEPENDENCY_DEFAULTS } from '../task/fields.ts';
import { isGroup, kindOf } from '../task/kind.ts';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import type { Dependency, Priority, TaskDefinition, TreeDefinition } from '../task/task.ts';
import { checkDependencies, deliveryKey } from './dependencies.ts';
import type { ResolvedDependency, Sources } from './dependencies.ts';
import { checkTask } from './fields.ts';
import type { Delivery, ValidationFacts } from './fields.ts';
import { identify } from './identities.ts';
import { inheritedPriority } from './inherited-priority.ts';
import type { Identities } from './identities.ts';
import { checkParents } from './parents.ts';
import type { Parentage } from './parents.ts';
import { checkRunPolicies } from './policies.ts';
import { chain, refuseAll, siteOf, siteOfAll, violate, Violations } from './report.ts';
import type { Site } from './report.ts';

/** What `validateTree` needs beside the submission. */
export interface ValidationContext extends ValidationFacts {
  /** Id of the new tree, unless the submission brings its own ids. */
  readonly treeId: TreeId;
  /** Give all tasks new ids and use the submitted ones as references only. Default false. */
  readonly reidentify?: boolean | undefined;
  /** Most tasks of one tree. A tree with more tasks is refused with `limit/refused`. */
  readonly maxTasks?: number | undefined;
  /** True when this turn has taken so long that the remaining tasks should wait for the next one; undefined: never. */
  readonly isTurnOver?: (() => boolean) | undefined;
}

/** The results of the checks so far, from which the definition is made. */
interface Draft {
  readonly tasks: readonly TaskSubmission[];
  readonly identities: Identities;
  readonly parentage: Parentage;
  readonly dependencies: readonly (readonly ResolvedDependency[])[];
}

/** Most characters of all expressions of one task. They are limited, because they are checked in one turn. */
const EXPRESSIONS_MAX = 524_288;

/** Answers the definition, or a rejection with all violations. `data.path` of a rejection names the tasks of the first cycle in order. */
export function validateTree(submission: TreeSubmission, context: ValidationContext): Outcome<TreeDefinition> {
  const validation = validateInTurns(submission, context);
  for (;;) {
    const step = validation.next();
    if (step.done === true) return step.value;
  }
}

/** Does the same, and yields between two tasks whenever the turn is over. */
export function* validateInTurns(
  submission: TreeSubmission,
  context: ValidationContext,
): Generator<void, Outcome<TreeDefinition>, void> {
  const { tasks } = submission;
  const { maxTasks } = context;
  if (maxTasks !== undefined && tasks.length > maxTasks) {
    return refuse('limit/refused', `The tree has ${tasks.length} tasks, above the limit of ${maxTasks}; split it`, {
      data: { limit: maxTasks, actual: tasks.length },
    });
  }
  const violations = new Violations();
  const { report } = violations;
  const tree = siteOfAll('The tree', report);
  if (tasks.length === 0) {
    violate(siteOf(tree, 'tasks'), 'tree/invalid', { what: 'has no task', expected: 'at least one task' });
    return refuseAll(violations);
  }
  const identities = identify(tasks, report);
  const parentage = checkParents(tasks, identities);
  const names = { ...context.names, inputs: submission.inputs ?? {}, vars: submission.variables ?? {} };
  const dependencies = yield* checkTasks(tasks, identities, { ...context, names });
  const draft = { tasks, identities, parentage, dependencies };
  const cycles = [...parentage.cycles, ...checkCycles(draft)];
  if (submission.policies !== undefined)
    checkRunPolicies(submission.policies, siteOf(tree, 'policies'), context.backoffs);
  if (violations.count === 0) return { ok: true, value: define(submission, draft, context) };
  const cycle = cycles[0]?.map((position) => identities.keys[position] ?? '');
  return refuseAll(violations, cycle === undefined ? {} : { path: cycle });
}

function* checkTasks(
  tasks: readonly TaskSubmission[],
  identities: Identities,
  given: ValidationContext,
): Generator<void, readonly (readonly ResolvedDependency[])[], void> {
  const sources: Sources = {
    find: (ref) => identities.positions.get(ref),
    suggest: identities.suggest,
    get: (position) => tasks[position] ?? {},
  };
  // One context serves all tasks, because most tasks read nothing from it. `at` says whose turn it is.
  let at = 0;
  let dependencies = NONE;
  let chars = 0;
  const { expressions, isTurnOver } = given;
  const check: typeof expressions.check = (expression, types) => {
    chars += expression.length;
    if (chars <= EXPRESSIONS_MAX) return expressions.check(expression, types);
    return { message: `the expressions of a task have more than ${EXPRESSIONS_MAX} characters together` };
  };
  const facts: ValidationFacts = { ...given, expressions: { ...expressions, check } };
  const site = (): Site => identities.site(at);
  const context = { facts, sources, deliveries: () => deliveriesOf(dependencies) };
  const checkAt = (task: TaskSubmission, position: number): readonly ResolvedDependency[] => {
    at = position;
    chars = 0;
    const { dependencies: submitted } = task;
    dependencies = submitted === undefined ? NONE : checkDependencies(submitted, site, context);
    checkTask(task, site, context);
    return dependencies;
  };
  if (isTurnOver === undefined) return tasks.map(checkAt);
  const checked: (readonly ResolvedDependency[])[] = [];
  for (let position = 0; position < tasks.length; position++) {
    if (isTurnOver()) yield;
    checked.push(checkAt(tasks[position] as TaskSubmission, position));
  }
  return checked;
}

const NONE: readonly ResolvedDependency[] = [];

function deliveriesOf(dependencies: readonly ResolvedDependency[]): readonly Delivery[] {
  return dependencies.map((dependency) => ({ ref: dependency.task, key: deliveryKey(dependency) }));
}

/** Most tasks of a cycle that a violation shows. `data.path` of the rejection has all of them. */
const SHOWN_MAX = 100;

/** Reports one cycle of each set of tasks that wait for each other, at the edge that closes the cycle. */
function checkCycles({ tasks, identities, parentage, dependencies }: Draft): readonly (readonly number[])[] {
  const isGroupAt = (position: number): boolean => isGroup(tasks[position] as TaskSubmission);
  const { parents } = parentage;
  if (isDeclaredInOrder({ parents, isGroup: isGroupAt, dependencies })) return [];
  const graph = createWaitGraph({ parents, isGroup: isGroupAt, sources: dependencies.map(sourcesOf) });
  const cycles = findCycles(graph);
  for (const cycle of cycles) {
    const keys = cycle.map((position) => identities.keys[position] ?? '');
    const { position, index } = edgeOn(cycle, graph, dependencies);
    const site = siteOf(identities.site(position), 'dependencies', index);
    violate(site, 'tree/cycle', {
      what: `can never start: ${chain([...keys, keys[0] ?? ''], ' waits for ')}`,
      actual: keys.slice(0, SHOWN_MAX),
    });
  }
  return cycles;
}

function sourcesOf(dependencies: readonly ResolvedDependency[]): readonly number[] {
  const sources: number[] = [];
  for (const { source, enabled } of dependencies) if (source >= 0 && enabled !== false) sources.push(source);
  return sources;
}

/** The first dependency on a cycle. The other steps of a cycle may be from a group to its members. */
function edgeOn(
  cycle: readonly number[],
  graph: Pick<WaitGraph, 'sourcesOf'>,
  dependencies: Draft['dependencies'],
): { readonly position: number; readonly index: number } {
  for (const [at, position] of cycle.entries()) {
    const next = cycle[(at + 1) % cycle.length] as number;
    if (!graph.sourcesOf(position).includes(next)) continue;
    const index = (dependencies[position] ?? []).findIndex(
      ({ source, enabled }) => source === next && enabled !== false,
    );
    return { position, index };
  }
  return { position: cycle[0] ?? 0, index: 0 };
}

function define(submission: TreeSubmission, draft: Draft, context: ValidationContext): TreeDefinition {
  const { identities, parentage } = draft;
  const keepsIds = identities.mode === 'id' && context.reidentify !== true;
  const treeId = keepsIds ? ((identities.keys[parentage.root] ?? '') as TreeId) : context.treeId;
  const ids = identities.keys.map((key, position): TaskId => {
    if (keepsIds) return key as TaskId;
    return position === parentage.root ? treeId : memberId(treeId, position);
  });
  const shared: SharedDependencies = [];
  const priorityAbove = inheritedPriority(draft.tasks, parentage.parents);
  return {
    treeId,
    tasks: draft.tasks.map((_, position) => defineTask(draft, position, { ids, shared, priorityAbove })),
    inputs: submission.inputs ?? {},
    variables: submission.variables ?? {},
    policies: submission.policies ?? {},
    ...(submission.baseDir === undefined ? {} : { baseDir: submission.baseDir }),
  };
}

/** Id of the task at a position of a tree, except the root. The id is short, and unique in the store because the id of the tree is. */
export function memberId(treeId: TreeId, position: number): TaskId {
  return `${treeId}.${position.toString(36)}` as TaskId;
}

/** Makes the definition of a task. Common fields are in one literal and rare ones are added, because spreading costs ten times as much. */
function defineTask(
  { tasks, identities, parentage, dependencies }: Draft,
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
  return defined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Dependencies with default values only, by the position of their source. All dependents of the source share one. */
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
    if (!isPlain(dependency)) return defineDependency(dependency, ids[source] as TaskId);
    return (shared[source] ??= defineDependency(dependency, ids[source] as TaskId));
  });
}

function isPlain({ required, on, port, condition, into, enabled, handles }: ResolvedDependency): boolean {
  return (
    handles === undefined &&
    required === undefined &&
    on === undefined &&
    port === undefined &&
    condition === undefined &&
    into === undefined &&
    enabled === undefined
  );
}

/** Fills in a dependency's defaults. */
export function defineDependency(dependency: ResolvedDependency, task: TaskId): Dependency {
  const { port, condition, into } = dependency;
  const defined: Writable<Dependency> = {
    task,
    ref: dependency.task,
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
