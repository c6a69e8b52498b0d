/**
 * Changes the definition of a stored task (`tasks.update`). This file checks the changed definition; the decision on the command checks
 * whether the status of the task allows a change.
 */
import type { TaskId } from '@coppice/extension';
import { refuse } from '../errors/rejection.ts';
import type { Outcome } from '../errors/rejection.ts';
import { findCycles } from '../graph/cycles.ts';
import { linksOf, positionsOf } from '../graph/tree-graph.ts';
import { createWaitGraph } from '../graph/wait-graph.ts';
import { checkWaitsForCleanUp } from '../validate/clean-up.ts';
import { checkDependencies, refOf, type ResolvedDependency } from '../validate/dependencies.ts';
import { checkTask, deliveriesOf } from '../validate/fields.ts';
import type { ValidationFacts } from '../validate/fields.ts';
import { refuseAll, siteOf, siteOfAll, violate, Violations } from '../validate/report.ts';
import type { Site } from '../validate/report.ts';
import { createSuggest, didYouMean } from '../validate/suggestion.ts';
import { refsAmong } from '../validate/references.ts';
import { surroundingsOf } from '../validate/surroundings.ts';
import { defineDependency } from '../validate/define-tree.ts';
import { FIELD_LIST, said } from './field-list.ts';
import type { FieldsWith } from './fields.ts';
import { unmultiplied, withChanges } from './multiplied.ts';
import type { TaskSubmission } from './submission.ts';
import type { TaskDefinition } from './task.ts';

type ChangeableField = FieldsWith<{ readonly update: true }>;

/** The fields to change; absent fields stay as they are. `dependencies` is the whole new list. It refers to tasks by reference or by id. */
export type UpdatePatch = Pick<TaskSubmission, ChangeableField>;

const CHANGEABLE = FIELD_LIST.flatMap(({ name, update }) => (update === true ? [name as ChangeableField] : []));

/** The fields that never change, and why: fields of the definition, and names that are no fields of it. */
const FIXED = new Map<string, string>([
  ...FIELD_LIST.flatMap(({ writtenAs, update }) => (update === true ? [] : [[writtenAs, update] as const])),
  ['userId', 'a tree keeps its owner'],
  ['status', 'a status follows from the events of the run; execute, cancel or retry instead'],
  ['output', 'an output is what an attempt ended with; retry instead'],
  ['error', 'an error is what an attempt ended with; retry instead'],
]);

/**
 * Answers the changed definition, or a rejection with all violations (paths below `patch`). Nothing is applied in part. `tasks` are the
 * definitions of the whole tree. A patch without dependencies keeps the same list object, which callers compare.
 */
export function applyUpdate(
  tasks: readonly TaskDefinition[],
  { taskId, patch }: { readonly taskId: TaskId; readonly patch: UpdatePatch },
  facts: ValidationFacts,
): Outcome<TaskDefinition> {
  const position = tasks.findIndex(({ id }) => id === taskId);
  const task = tasks[position];
  if (task === undefined)
    return refuse('task/not-found', `There is no task '${taskId}' in this tree`, { data: { taskId } });
  const violations = new Violations();
  const site = siteOf(siteOfAll(`The update of '${task.key}'`, violations.report), 'patch');
  checkNames(patch, site);
  const resolved = patch.dependencies === undefined ? undefined : resolve(tasks, patch.dependencies, { site, facts });
  const deliveries = () =>
    deliveriesOf(
      task,
      resolved?.map((dependency) => ({ ref: refOf(dependency), into: dependency.into })),
    );
  const surroundings = surroundingsOf(tasks, linksOf(tasks, positionsOf(tasks)).parents, facts);
  checkTask({ ...task.multiplier, ...patch }, () => site, {
    facts: surroundings.copied(position),
    around: surroundings.around(position),
    deliveries,
    stored: unmultiplied(task),
  });
  if (resolved !== undefined && tasks.some((each) => each.finally === true)) {
    const { parents } = linksOf(tasks, positionsOf(tasks));
    const tree = { tasks, parents, keys: (at: number) => tasks[at]?.key ?? '' };
    checkWaitsForCleanUp(tree, { position, dependencies: resolved }, () => site);
  }
  const cycle = resolved === undefined ? undefined : checkCycle(tasks, position, { resolved, site });
  if (violations.count > 0) return refuseAll(violations, cycle === undefined ? {} : { path: cycle });
  return {
    ok: true,
    value: changed(
      task,
      patch,
      resolved?.map((dependency) => defineDependency(dependency, idAt(tasks, dependency.source))),
    ),
  };
}

function idAt(tasks: readonly TaskDefinition[], position: number): TaskId {
  return tasks[position]?.id ?? ('' as TaskId);
}

function checkNames(patch: UpdatePatch, site: Site): void {
  const suggest = createSuggest(CHANGEABLE);
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined || CHANGEABLE.some((name) => name === field)) continue;
    const why = FIXED.get(field);
    violate(siteOf(site, field), 'tree/invalid', {
      what:
        why === undefined
          ? `changes the unknown field '${field}'${didYouMean(suggest(field))}`
          : `changes ${field}: ${why}`,
      expected: CHANGEABLE.join(', '),
    });
  }
  if (patch.name?.trim() === '')
    violate(siteOf(site, 'name'), 'tree/invalid', { what: 'has an empty name', actual: patch.name });
}

interface DependencyChecks {
  readonly site: Site;
  readonly facts: ValidationFacts;
}

function resolve(
  tasks: readonly TaskDefinition[],
  dependencies: NonNullable<UpdatePatch['dependencies']>,
  { site, facts }: DependencyChecks,
): readonly ResolvedDependency[] {
  const positions = new Map<string, number>();
  for (const [at, { id }] of tasks.entries()) positions.set(id, at);
  for (const [at, { key }] of tasks.entries()) positions.set(key, at);
  const suggest = createSuggest({ [Symbol.iterator]: () => positions.keys() });
  const sources = {
    find: (ref: string) => positions.get(ref),
    suggest,
    get: (at: number) => tasks[at] ?? {},
    refAt: refsAmong(tasks),
  };
  return checkDependencies(dependencies, () => site, { sources, facts, soundConditions: new Set() });
}

/** Checks for cycles. The tree had none before, so a cycle goes through this task and one of its new dependencies. */
function checkCycle(
  tasks: readonly TaskDefinition[],
  position: number,
  { resolved, site }: { readonly resolved: readonly ResolvedDependency[]; readonly site: Site },
): readonly string[] | undefined {
  const news = resolved.filter(({ source, enabled }) => source >= 0 && enabled !== false).map(({ source }) => source);
  const links = linksOf(tasks, positionsOf(tasks));
  const [cycle] = findCycles(createWaitGraph({ ...links, sources: links.sources.with(position, news) }));
  if (cycle === undefined) return undefined;
  const keys = cycle.map((at) => tasks[at]?.key ?? '');
  const next = cycle[(cycle.indexOf(position) + 1) % cycle.length];
  const index = resolved.findIndex(({ source, enabled }) => source === next && enabled !== false);
  violate(siteOf(site, 'dependencies', Math.max(index, 0)), 'tree/cycle', {
    what: `makes a cycle: ${[...keys, keys[0]].join(' waits for ')}`,
    actual: keys,
  });
  return keys;
}

function changed(
  task: TaskDefinition,
  patch: UpdatePatch,
  dependencies: TaskDefinition['dependencies'] | undefined,
): TaskDefinition {
  return withChanges(task, said({ ...patch, dependencies }, CHANGEABLE));
}
