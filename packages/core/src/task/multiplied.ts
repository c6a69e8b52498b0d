/** Makes a multiplied task of a task with a multiplier. */
import { withoutWork } from './field-list.ts';
import { MULTIPLIER_FIELDS, type MultiplierFields } from './multiplier.ts';
import type { TaskDefinition, TaskPolicies } from './task.ts';

/** Fields that say when the task as a whole runs and what follows from its end: its copies have them not. */
export const OF_WHOLE = [
  'dependencies',
  'join',
  'mustRun',
  'finally',
  'notBeforeMs',
  'when',
  'fire',
  'cancelOthers',
] as const satisfies readonly (keyof TaskDefinition)[];

/** The multiplied task as a group that makes its members. `below`: what is below it, with `definition.id` as the parent of what is directly below. */
export function multiplied(
  definition: TaskDefinition,
  fields: MultiplierFields,
  below: readonly TaskDefinition[],
): TaskDefinition {
  const { allowFailure, policies } = definition;
  const said = MULTIPLIER_FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]] as const]));
  const whole = OF_WHOLE.flatMap((name) => (definition[name] === undefined ? [] : [[name, definition[name]] as const]));
  return {
    ...withoutWork(definition),
    ...Object.fromEntries(whole),
    kind: 'group',
    allowFailure,
    policies: ofScope(policies),
    multiplier: { ...Object.fromEntries(said), body: [bodyOf(definition), ...below] },
  };
}

/** Fields of a multiplied task that its copies have not, or have their own of. */
const OF_WHOLE_AND_PLACE = ['id', 'key', 'name', 'parentId', 'ref', ...OF_WHOLE] as const;

/** A multiplied task as it would be without its multiplier: with the work that its copies do. Any other task is itself. */
export function unmultiplied(task: TaskDefinition): TaskDefinition {
  const top = task.multiplier?.body[0];
  if (top === undefined) return task;
  const place = Object.fromEntries(OF_WHOLE_AND_PLACE.map((name) => [name, task[name]]));
  return { ...top, ...place, policies: { ...top.policies, ...task.policies } };
}

/** The task with other values. Of a multiplied task they go where they have an effect: to what its copies are made of, or to the whole. */
export function withChanges(task: TaskDefinition, changes: Partial<TaskDefinition>): TaskDefinition {
  const { multiplier } = task;
  const [top, ...below] = multiplier?.body ?? [];
  const isOfCopies = Object.keys(changes).some((name) => !OF_WHOLE_AND_PLACE.some((each) => each === name));
  if (multiplier === undefined || top === undefined || !isOfCopies) return { ...task, ...changes };
  return {
    ...task,
    ...multiplied({ ...unmultiplied(task), ...changes, id: top.id }, multiplier, below),
    id: task.id,
  };
}

/** What the task is without its multiplier, and without what holds for all copies together. */
function bodyOf(definition: TaskDefinition): TaskDefinition {
  const body: Record<string, unknown> = { ...definition };
  for (const name of OF_WHOLE) delete body[name];
  delete body['parentId'];
  delete body['ref'];
  const { concurrency: _ofAll, compensation: _ofScope, totalTimeoutMs: _inAll, ...attempts } = definition.policies;
  const policies = definition.kind === 'group' ? attempts : withoutScope(attempts);
  return { ...(body as unknown as TaskDefinition), dependencies: [], join: 'all', policies };
}

function ofScope({ onFailure, concurrency, compensation, totalTimeoutMs }: TaskPolicies): TaskPolicies {
  return {
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(compensation === undefined ? {} : { compensation }),
    ...(totalTimeoutMs === undefined ? {} : { totalTimeoutMs }),
  };
}

function withoutScope({ onFailure: _onFailure, ...policies }: TaskPolicies): TaskPolicies {
  return policies;
}
