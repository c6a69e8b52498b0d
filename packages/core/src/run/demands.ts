/**
 * What the starts of one task take at named gates, beside what limits of the engine ask for: locks, and amounts of resources. Names of
 * locks may hold expressions. These are worked out when the task becomes ready, and the event keeps the names: nothing is worked out twice.
 */
import type { Demands, Resources } from '../task/demands.ts';
import type { TaskDefinition } from '../task/task.ts';
import type { EventData } from './event.ts';
import type { TaskState } from './state.ts';

const NO_NAMES: readonly string[] = [];
const NO_RESOURCES: Resources = {};

/** The demands of a task whose names are not worked out yet. It is not ready. */
const UNRESOLVED: Demands = { locks: NO_NAMES, resources: NO_RESOURCES, key: '' };

/** The demands of a task that has not become ready; undefined: it has none. */
export function demandsOf(definition: TaskDefinition): Demands | undefined {
  const { locks, resources } = definition;
  if ((locks === undefined && resources === undefined) || definition.executor === undefined) return undefined;
  return hasExpressions(definition) ? UNRESOLVED : newDemands(definition, locks);
}

function newDemands({ executor, resources }: TaskDefinition, names: readonly string[] = NO_NAMES): Demands {
  const locks = [...new Set(names)].toSorted();
  const amounts = Object.keys(resources ?? NO_RESOURCES).toSorted();
  const key = JSON.stringify([executor, locks, amounts.map((name) => [name, resources?.[name]])]);
  return { locks, resources: resources ?? NO_RESOURCES, key };
}

/** True for a task with names to work out. */
export function hasExpressions({ locks }: TaskDefinition): boolean {
  return locks?.some((name) => name.includes('${{')) === true;
}

/** True for a task that can not become ready before names are worked out. */
export function isUnresolved({ demands }: TaskState): boolean {
  return demands === UNRESOLVED;
}

/** The names that an event has kept. */
export function evolveDemands(task: TaskState, { locks }: EventData['TaskDue']): void {
  if (locks !== undefined) task.demands = newDemands(task.definition, locks);
}

/** Names to keep in a snapshot; undefined: the definition says them, or they are not worked out. */
export function resolvedNames({ demands, definition }: TaskState): EventData['TaskDue'] | undefined {
  if (demands === undefined || demands === UNRESOLVED || !hasExpressions(definition)) return undefined;
  return { locks: demands.locks };
}
