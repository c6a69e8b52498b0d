/**
 * Turns a submission into a tree definition, or reports all its violations at once (R-TV-01 to R-TV-04, R-TV-10 to R-TV-12).
 *
 * 1. Validation does not read the store. The engine checks that ids are new there.
 * 2. The cost is linear in tasks, edges and the size of the inputs. Nothing is recursive.
 * 3. The protocol checks the types of fields before; validation checks their meaning.
 */
import type { TreeId } from '@coppice/extension';
import { refuse } from '../errors/rejection.ts';
import type { Outcome } from '../errors/rejection.ts';
import { findCycles, isDeclaredInOrder } from '../graph/cycles.ts';
import { below, createWaitGraph, type WaitGraph } from '../graph/wait-graph.ts';
import { outputRoot } from '../task/group-output.ts';
import type { ExpressionEvaluator } from '../ports/expressions.ts';
import { isGroup, type OfAKind } from '../task/kind.ts';
import { isMultiplied } from '../task/multiplier.ts';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import type { TreeDefinition } from '../task/task.ts';
import { checkCleanUp } from './clean-up.ts';
import { checkFailureLadder } from './failure-ladder.ts';
import { defineTree, multipliedAbove, type CheckedSubmission } from './define-tree.ts';
import { checkDependencies, deliveryKey, refOf } from './dependencies.ts';
import type { ResolvedDependency, Sources } from './dependencies.ts';
import { checkTemplates, type Readable } from './expressions.ts';
import { checkTask } from './fields.ts';
import type { Delivery, ValidationFacts } from './fields.ts';
import { identify } from './identities.ts';
import type { Identities } from './identities.ts';
import { checkMultiplied, checkMultiplier } from './multiplier.ts';
import { checkParents } from './parents.ts';
import type { Parentage } from './parents.ts';
import { checkBreaker } from './breaker.ts';
import { checkRunPolicies } from './policies.ts';
import { checkDeclares, checkGroupDeclares } from './declares.ts';
import { checkSet } from './set.ts';
import { checkVariables, declaredVariables } from '../variables/declarations.ts';
import { checkRefs, refsAmong } from './references.ts';
import { chain, refuseAll, siteOf, siteOfAll, violate, Violations } from './report.ts';
import type { Site } from './report.ts';
import { surroundingsOf } from './surroundings.ts';

/** What `validateTree` needs beside the submission. */
export interface ValidationContext extends ValidationFacts {
  /** Id of the new tree, unless the submission brings its own ids. */
  readonly treeId: TreeId;
  /** Give all tasks new ids and use the submitted ones as references only. Default false. */
  readonly reidentify?: boolean | undefined;
  /** Most tasks of one tree. A tree with more tasks is refused with `limit/refused`. */
  readonly maxTasks?: number | undefined;
  /** The run begins with the inputs of the submission: what is required must be there. Default false. */
  readonly isExecuted?: boolean | undefined;
  /** True when this turn has taken so long that the remaining tasks should wait for the next one; undefined: never. */
  readonly isTurnOver?: (() => boolean) | undefined;
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
  const declaredInputs = submission.declares?.inputs;
  const inputs = { ...declaredInputs, ...submission.inputs };
  const names = { ...context.names, inputs, vars: submission.variables ?? {} };
  const dependencies = yield* checkTasks(
    { tasks, identities, parentage },
    { ...context, names, declaredInputs, variables: submission.variables },
  );
  const draft = { tasks, identities, parentage, dependencies };
  const holders = multipliedAbove(tasks, parentage);
  const { parents } = parentage;
  const { keys } = identities;
  if (refsAmong(tasks) !== undefined)
    checkRefs({ tasks, parents, keys, site: (position) => identities.site(position) });
  if (holders !== undefined) {
    checkMultiplied({ tasks, parents, holders, dependencies, keys, site: (position) => identities.site(position) });
  }
  const keyAt = (position: number): string => identities.keys[position] ?? '';
  checkCleanUp({ tasks, parents: parentage.parents, keys: keyAt }, dependencies, (position) =>
    identities.site(position),
  );
  if (submission.declares !== undefined) {
    const rootKeys = membersBy(tasks, parentage, identities).refs(parentage.root);
    checkDeclares(submission, tree, { ...context, names, declaredInputs, rootKeys });
  }
  if (submission.variables !== undefined)
    checkVariables(submission.variables, siteOf(tree, 'variables'), context.merges ?? []);
  const cycles = [...parentage.cycles, ...checkCycles(draft)];
  if (submission.policies !== undefined) {
    checkRunPolicies(submission.policies, siteOf(tree, 'policies'), context.backoffs);
    const { breaker } = submission.policies;
    if (breaker !== undefined) checkBreaker(breaker, { site: siteOf(tree, 'policies', 'breaker'), around: undefined });
  }
  if (violations.count === 0) return { ok: true, value: defineTree(submission, draft, context) };
  const cycle = cycles[0]?.map((position) => identities.keys[position] ?? '');
  return refuseAll(violations, cycle === undefined ? {} : { path: cycle });
}

function* checkTasks(
  { tasks, identities, parentage }: Omit<CheckedSubmission, 'dependencies'>,
  given: ValidationContext & Pick<TreeSubmission, 'variables'>,
): Generator<void, readonly (readonly ResolvedDependency[])[], void> {
  const sources: Sources = {
    find: (ref) => identities.positions.get(ref),
    suggest: identities.suggest,
    get: (position) => sourceOf(tasks[position] ?? {}),
    refAt: refsAmong(tasks),
  };
  // One context serves all tasks, because most tasks read nothing from it. `at` says whose turn it is.
  let at = 0;
  let dependencies = NONE;
  const { isTurnOver } = given;
  const { expressions, nextTask } = limitedByTask(given.expressions);
  const facts: ValidationFacts = { ...given, expressions };
  const declared = declaredVariables(given.variables);
  const surroundings = surroundingsOf(tasks, parentage.parents, facts);
  const site = (): Site => identities.site(at);
  const context = {
    facts,
    around: facts,
    sources,
    soundConditions: new Set<string>(),
    deliveries: () => deliveriesOf(dependencies, tasks[at] ?? {}),
  };
  const members = membersBy(tasks, parentage, identities);
  const readableAround = (): Readable => ({
    facts: context.around,
    refs: () => context.deliveries().map(({ ref }) => ref),
  });
  const checkAt = (task: TaskSubmission, position: number): readonly ResolvedDependency[] => {
    at = position;
    nextTask();
    const { dependencies: submitted, output } = task;
    context.around = surroundings.around(position);
    context.facts = surroundings.copied(position);
    dependencies = submitted === undefined ? NONE : checkDependencies(submitted, site, context);
    checkTask(task, site, context);
    checkMultiplier(task, site, readableAround);
    checkFailureLadder({ tasks, parents: parentage.parents }, position, { site, context });
    if (task.set !== undefined) {
      const readable = isGroup(task)
        ? { facts: surroundings.within(position), refs: () => members.refs(position), refsAre: 'members' as const }
        : { facts: context.facts, refs: () => dependencies.map(refOf) };
      checkSet(task.set, siteOf(site(), 'set'), { around: readable, declared });
    }
    if (output !== undefined && output !== null) {
      const readable = { facts: surroundings.within(position), refs: () => members.refs(position) };
      if (isGroup(task)) checkTemplates(output, siteOf(site(), 'output'), { ...readable, refsAre: 'members' });
      else violate(siteOf(site(), 'output'), 'tree/invalid', OUTPUT_OF_EXECUTOR);
    }
    if (task.declares !== undefined && isGroup(task)) {
      const rootKeys = members.refs(members.outputRoot(position));
      checkGroupDeclares(task, site(), { ...surroundings.within(position), rootKeys });
    } else if (task.declares !== undefined) violate(siteOf(site(), 'declares'), 'tree/invalid', DECLARES_OF_EXECUTOR);
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

/** Checks expressions as long as those of one task are not too long together. */
function limitedByTask(expressions: ExpressionEvaluator): {
  readonly expressions: ExpressionEvaluator;
  readonly nextTask: () => void;
} {
  let chars = 0;
  const check: ExpressionEvaluator['check'] = (expression, types) => {
    chars += expression.length;
    if (chars <= EXPRESSIONS_MAX) return expressions.check(expression, types);
    return { message: `the expressions of a task have more than ${EXPRESSIONS_MAX} characters together` };
  };
  return { expressions: { ...expressions, check }, nextTask: () => (chars = 0) };
}

const NONE: readonly ResolvedDependency[] = [];

const OUTPUT_OF_EXECUTOR = {
  what: 'says what its output is made from, but has an executor: what that returns is the output',
  expected: 'output on a group',
};

const DECLARES_OF_EXECUTOR = {
  what: 'says what it takes and gives, which groups and trees do, and is no group',
  expected: 'declares on the group around it',
};

interface Members {
  /** What expressions call the children of a group. */
  refs(group: number): readonly string[];
  /** What the declared outputs of a group are read from. */
  outputRoot(group: number): number;
}

function membersBy(tasks: readonly TaskSubmission[], { parents }: Parentage, { keys }: Identities): Members {
  let children: ReturnType<typeof below> | undefined;
  const childrenOf = (group: number): readonly number[] => (children ??= below(parents))[group] ?? [];
  return {
    refs: (group) => childrenOf(group).map((position) => tasks[position]?.ref ?? keys[position] ?? ''),
    outputRoot: (group) => outputRoot(group, childrenOf(group)),
  };
}

/** A copy of a multiplied task gets into its input only what a dependency names an input for. */
function deliveriesOf(dependencies: readonly ResolvedDependency[], task: TaskSubmission): readonly Delivery[] {
  const keyOf = isMultiplied(task) ? ({ into }: ResolvedDependency) => into : deliveryKey;
  return dependencies.map((dependency) => ({ ref: refOf(dependency), key: keyOf(dependency) }));
}

/** A multiplied task ends as a group does, whatever its copies are. */
function sourceOf(task: TaskSubmission): OfAKind {
  return isMultiplied(task) ? { kind: 'group' } : task;
}

/** Most tasks of a cycle that a violation shows. `data.path` of the rejection has all of them. */
const SHOWN_MAX = 100;

/** Reports one cycle of each set of tasks that wait for each other, at the edge that closes the cycle. */
function checkCycles({
  tasks,
  identities,
  parentage,
  dependencies,
}: CheckedSubmission): readonly (readonly number[])[] {
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
  dependencies: CheckedSubmission['dependencies'],
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
