/** The copies that a multiplied task becomes when it opens, and the next copy of a repetition. */
import type { Json, JsonObject, TaskId } from '@coppice/extension';
import { asText } from '../task/json-value.ts';
import { readableGiven } from './cut-output.ts';
import { ITEM, type Given, type Matrix } from '../task/multiplier.ts';
import type { Multiplier, TaskDefinition } from '../task/task.ts';
import { GROWTH_DEFAULTS, type DecideContext } from './command.ts';
import { GroupFault } from './group-fault.ts';
import { resolveValue } from './resolve-value.ts';
import type { Scope, TaskState } from './state.ts';
import { TaskExpressions, type InputContext } from './task-expressions.ts';

/** The members of a group that opens. Throws a GroupFault, or an Error that names the expression which failed. */
export function copiesOf(resolving: InputContext, group: TaskState, multiplier: Multiplier): readonly TaskDefinition[] {
  if (multiplier.repeat !== undefined) return nextCopy(resolving, group, multiplier) ?? [];
  const expressions = new TaskExpressions(group, resolving);
  const { as = ITEM, matrix } = multiplier;
  const items = itemsOf(resolving, group, { multiplier, expressions });
  checkCount(resolving, group, items.length * multiplier.body.length);
  return items.flatMap((item, index) => {
    const values = { [as]: item, index };
    const given = givenBy(values, expressions);
    const name = nameOf(group, { multiplier, expressions, values, plain: matrix === undefined ? undefined : item });
    return copy(group, multiplier, { index, serial: (group.group as Scope).made + index, given, name });
  });
}

interface Reading {
  readonly multiplier: Multiplier;
  readonly expressions: TaskExpressions;
}

function itemsOf(resolving: InputContext, group: TaskState, { multiplier, expressions }: Reading): readonly Json[] {
  const { forEach, matrix } = multiplier;
  const items = matrix === undefined ? listOf(group, resolveValue(forEach as Json, expressions)) : undefined;
  const { itemsMax } = growthLimits(resolving.context);
  const found = items ?? combinationsOf(group, resolveValue(matrix as JsonObject, expressions) as Matrix, itemsMax);
  if (found.length <= itemsMax) return found;
  throw tooMany(group.definition, found.length, itemsMax);
}

function tooMany({ name }: TaskDefinition, count: number, max: number): GroupFault {
  const message = `${name} has ${count} items, above the limit of ${max} of one group. Split the list, or raise limits.maxItems`;
  return new GroupFault('multiplier/limit', message);
}

function listOf({ definition }: TaskState, value: Json): readonly Json[] {
  if (isList(value)) return value;
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).map(([key, each]) => ({ key, value: each }));
  const what = value === null ? 'null' : `a ${typeof value}`;
  throw new GroupFault('multiplier/invalid', `forEach of ${definition.name} is ${what}, neither a list nor an object`);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The product of the axes without what is excluded, and what is included after it. */
function combinationsOf(
  { definition }: TaskState,
  { include, exclude, ...axes }: Matrix,
  max: number,
): readonly Json[] {
  let product: JsonObject[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    if (!isList(values))
      throw new GroupFault('multiplier/invalid', `${axis} in the matrix of ${definition.name} is no list`);
    // What is excluded can only make it smaller afterwards, so the product itself is limited, too.
    if (product.length * values.length > max * MATRIX_SPARE)
      throw tooMany(definition, product.length * values.length, max);
    product = product.flatMap((combination) => values.map((value) => ({ ...combination, [axis]: value })));
  }
  const isExcluded = (combination: JsonObject): boolean =>
    (exclude as readonly JsonObject[] | undefined)?.some((each) => holdsAll(combination, each)) === true;
  const included = (include as readonly JsonObject[] | undefined) ?? [];
  return [...product.filter((combination) => !isExcluded(combination)), ...included];
}

/** A product may be this many times larger than the limit before anything is excluded. */
const MATRIX_SPARE = 10;

function holdsAll(combination: JsonObject, part: JsonObject): boolean {
  return Object.entries(part).every(([key, value]) => JSON.stringify(combination[key]) === JSON.stringify(value));
}

export function growthLimits({ growth }: DecideContext): typeof GROWTH_DEFAULTS {
  return growth ?? GROWTH_DEFAULTS;
}

/** A run may not have more tasks than its limit at once. */
export function checkCount({ run, context }: InputContext, { definition }: TaskState, count: number): void {
  const { tasksMax } = growthLimits(context);
  const total = run.byId.size + count;
  if (total <= tasksMax) return;
  throw new GroupFault(
    'tree/limit',
    `${definition.name} would add ${count} tasks, and the run would have ${total}, above the limit of ${tasksMax}. Add fewer, or raise limits.maxRunTasks`,
  );
}

interface Naming extends Reading {
  readonly values: JsonObject;
  /** Values that the name shows when there is no label. */
  readonly plain: Json | undefined;
}

function nameOf({ definition }: TaskState, { multiplier, expressions, values, plain }: Naming): string | undefined {
  const { label } = multiplier;
  if (label === undefined)
    return plain === undefined
      ? undefined
      : `${definition.name} (${Object.values(plain as JsonObject)
          .map(asText)
          .join(', ')})`;
  const name = resolveValue(label, { evaluate: (expression) => expressions.evaluate(expression, values) });
  return asText(expressions.settle(name).value).slice(0, NAME_LENGTH_MAX) || undefined;
}

const NAME_LENGTH_MAX = 256;

/** What a copy is given: the values with placeholders in the place of secrets. */
function givenBy(values: JsonObject, expressions: TaskExpressions): Given {
  const { value, references } = expressions.settle(values);
  return { values: value as JsonObject, ...(references.length === 0 ? {} : { secrets: references }) };
}

interface CopyParts {
  readonly index: number;
  /** Counts all members that the group has ever made. */
  readonly serial: number;
  readonly given: Given;
  readonly name: string | undefined;
  readonly notBeforeMs?: number | undefined;
}

/** One copy: the task with its own id, key and name, and everything below it. */
function copy(group: TaskState, { body, repeat }: Multiplier, parts: CopyParts): readonly TaskDefinition[] {
  const { definition } = group;
  const { index, serial, given, notBeforeMs } = parts;
  const [top, ...below] = body as readonly [TaskDefinition, ...TaskDefinition[]];
  // Other tasks of the tree may have the id of the root and a number: those of a copied tree that were copies there.
  const within = group.parent === undefined ? `${group.id}.root` : group.id;
  const id = `${within}.${serial}` as TaskId;
  const key = `${definition.key}.${index}`;
  const made: TaskDefinition = {
    ...top,
    id,
    key,
    name: parts.name ?? key,
    parentId: group.id,
    given,
    ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
    // The next copy, and the end of the repetition, know what became of this one.
    ...(repeat?.onFailure === 'continue' ? { allowFailure: true } : {}),
  };
  if (below.length === 0) return [made];
  return [made, ...relinked(below, new Map([[top.id, id]]))];
}

/** Tasks below the given ones, with ids that follow from those of their parents; `prefix`: from this instead, at the top. */
export function relinked(
  tasks: readonly TaskDefinition[],
  ids: Map<TaskId, TaskId>,
  prefix?: string,
): readonly TaskDefinition[] {
  const tops = new Set(ids.keys());
  const counts = new Map<TaskId, number>();
  const waiting = new Map(tasks.map((task) => [task.id, task]));
  const name = (task: TaskDefinition): TaskId => {
    const path: TaskDefinition[] = [];
    for (
      let at: TaskDefinition | undefined = task;
      at !== undefined && !ids.has(at.id);
      at = waiting.get(at.parentId as TaskId)
    )
      path.push(at);
    for (const each of path.reverse()) {
      const parent = each.parentId as TaskId;
      const count = counts.get(parent) ?? 0;
      counts.set(parent, count + 1);
      const above = tops.has(parent) ? (prefix ?? ids.get(parent)) : ids.get(parent);
      ids.set(each.id, `${above}.${count}` as TaskId);
    }
    return ids.get(task.id) as TaskId;
  };
  for (const task of tasks) name(task);
  return tasks.map((task) => ({
    ...task,
    id: ids.get(task.id) as TaskId,
    parentId: ids.get(task.parentId as TaskId),
    dependencies: task.dependencies.map((dependency) => ({
      ...dependency,
      task: ids.get(dependency.task) ?? dependency.task,
    })),
  }));
}

/** The next copy of a repetition; undefined: it is over. Throws as `copiesOf`. */
export function nextCopy(
  resolving: InputContext & { readonly atMs?: number },
  group: TaskState,
  multiplier: Multiplier,
): readonly TaskDefinition[] | undefined {
  const repeat = multiplier.repeat as NonNullable<Multiplier['repeat']>;
  const former = (group.group as Scope).members.at(-1);
  const expressions = new TaskExpressions(group, resolving, {
    moment: former === undefined ? 'start' : 'between',
  });
  const formerIndex = former === undefined ? -1 : (former.definition.given?.values['index'] as number);
  const index = formerIndex + 1;
  const last = former === undefined ? null : endOf(former, expressions);
  const cut = former?.status === 'completed' ? former.cut : undefined;
  if (former !== undefined && repeat.until !== undefined) {
    const values = readableGiven({ values: { last, index: formerIndex }, cut });
    if (isTrue(group, { expressions, condition: repeat.until, values })) return undefined;
  }
  const values = { last, index };
  const readable = readableGiven({ values, cut });
  if (repeat.while !== undefined && !isTrue(group, { expressions, condition: repeat.while, values: readable }))
    return undefined;
  if (index >= repeat.max) {
    if (repeat.onLimit === 'complete' || (repeat.until === undefined && repeat.while === undefined)) return undefined;
    const message = `${group.definition.name} has run ${repeat.max} times, which is its limit, and its condition does not end it. Raise max, or say onLimit: complete`;
    throw new GroupFault('repeat/limit', message);
  }
  checkCount(resolving, group, multiplier.body.length);
  const delayMs = former === undefined ? 0 : (repeat.delayMs ?? 0);
  return copy(group, multiplier, {
    index,
    serial: (group.group as Scope).made,
    given: { ...givenBy(values, expressions), ...(cut === undefined ? {} : { cut }) },
    name: nameOf(group, { multiplier, expressions, values: readable, plain: undefined }),
    notBeforeMs: delayMs === 0 ? undefined : (resolving.atMs ?? 0) + delayMs,
  });
}

/** How a copy ended, as the next one and the conditions see it. */
function endOf(former: TaskState, expressions: TaskExpressions): JsonObject {
  const { status, error } = former;
  return { status, output: expressions.outputOf(former), error: (error ?? null) as Json };
}

interface Asking {
  readonly expressions: TaskExpressions;
  readonly condition: string;
  readonly values: JsonObject;
}

function isTrue({ definition }: TaskState, { expressions, condition, values }: Asking): boolean {
  const value = expressions.evaluate(condition, values);
  if (typeof value === 'boolean') return value;
  throw new GroupFault(
    'multiplier/invalid',
    `The condition \`${condition}\` of ${definition.name} is ${asText(value)}, neither true nor false. Mend it in a copy of the tree`,
  );
}
