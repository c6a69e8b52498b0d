/**
 * What the starts of one task take at named gates, beside what limits of the engine ask for: locks, amounts of resources, and a breaker.
 * Names may hold expressions. These are worked out when the task becomes ready, and the event keeps the names: nothing is worked out twice.
 */
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import type { Demands, Resources } from '../task/demands.ts';
import type { TaskDefinition } from '../task/task.ts';
import type { EventData } from './event.ts';
import type { TaskState } from './state.ts';

const NO_NAMES: readonly string[] = [];
const NO_RESOURCES: Resources = {};

/** The demands of a task whose names are not worked out yet. It is not ready. */
const UNRESOLVED: Demands = { locks: NO_NAMES, resources: NO_RESOURCES, key: '' };

/** `around`: what the group around it says of breakers. */
export type BreakerAround = BreakerPolicy | undefined;

/** The demands of a task that has not become ready; undefined: it has none. */
export function demandsOf(definition: TaskDefinition, around: BreakerAround): Demands | undefined {
  const { locks, resources, executor, policies } = definition;
  const breaker = policies.breaker ?? around;
  if (executor === undefined || (locks === undefined && resources === undefined && breaker === undefined))
    return undefined;
  return hasExpressions(definition) ? UNRESOLVED : newDemands(definition, locks, breaker);
}

function newDemands(
  { executor, resources, fallback }: TaskDefinition,
  names: readonly string[] = NO_NAMES,
  breaker?: BreakerPolicy,
): Demands {
  const locks = [...new Set(names)].toSorted();
  const amounts = Object.keys(resources ?? NO_RESOURCES).toSorted();
  const rest = breaker === undefined ? [] : [breaker, fallback !== undefined];
  const key = JSON.stringify([executor, locks, amounts.map((name) => [name, resources?.[name]]), ...rest]);
  return { locks, resources: resources ?? NO_RESOURCES, ...(breaker === undefined ? {} : { breaker }), key };
}

/** True for a task with names to work out. Of a group around it the key of a breaker holds none. */
export function hasExpressions({ locks, policies }: TaskDefinition): boolean {
  return locks?.some(isTemplate) === true || (policies.breaker !== undefined && isTemplate(policies.breaker.key ?? ''));
}

function isTemplate(name: string): boolean {
  return name.includes('${{');
}

/** True for a task that can not become ready before names are worked out. */
export function isUnresolved({ demands }: TaskState): boolean {
  return demands === UNRESOLVED;
}

/** The names that an event has kept. */
export function evolveDemands(task: TaskState, { locks, breaker: key }: EventData['TaskDue']): void {
  if (locks === undefined) return;
  const breaker = task.definition.policies.breaker ?? task.scope.breaker;
  task.demands = newDemands(task.definition, locks, key === undefined ? breaker : { ...breaker, key });
}

/** Names to keep in a snapshot; undefined: the definition says them, or they are not worked out. */
export function resolvedNames({ demands, definition }: TaskState): EventData['TaskDue'] | undefined {
  if (demands === undefined || demands === UNRESOLVED || !hasExpressions(definition)) return undefined;
  const { locks, breaker } = demands;
  return breaker?.key === undefined ? { locks } : { locks, breaker: breaker.key };
}
