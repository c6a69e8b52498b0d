/**
 * What the starts of one task take at named gates, beside what limits of the engine ask for: locks, rates, amounts of resources, and a
 * breaker. Names may hold expressions. These are worked out when the task becomes ready, and the event keeps the names: nothing is worked out twice.
 */
import type { BreakerPolicy } from '../task/breaker-policy.ts';
import type { Demands, Resources } from '../task/demands.ts';
import type { TaskDefinition } from '../task/task.ts';
import type { EventData } from './event.ts';
import type { TaskState } from './state.ts';

const NO_NAMES: readonly string[] = [];
const NO_RESOURCES: Resources = {};

/** The demands of a task whose names are not worked out yet. It is not ready. */
const UNRESOLVED: Demands = { locks: NO_NAMES, rates: NO_NAMES, resources: NO_RESOURCES, key: '' };

/** `around`: what the group around it says of breakers. */
export type BreakerAround = BreakerPolicy | undefined;

/** The demands of a task that has not become ready; undefined: it has none. */
export function demandsOf(definition: TaskDefinition, around: BreakerAround): Demands | undefined {
  const { locks, rates, resources, executor, policies } = definition;
  const breaker = policies.breaker ?? around;
  if (executor === undefined) return undefined;
  if (locks === undefined && rates === undefined && resources === undefined && breaker === undefined) return undefined;
  return sharedDemands(definition, breaker);
}

/** What a task says, and what came of it. */
interface Known {
  readonly executor: string | undefined;
  readonly locks: readonly string[] | undefined;
  readonly rates: readonly string[] | undefined;
  readonly resources: Resources | undefined;
  readonly hasFallback: boolean;
  readonly breaker: BreakerPolicy | undefined;
  readonly demands: Demands;
}

/** Demands that were made last, beginning with the last ones: most tasks of a tree say what the one before them says. */
const recent: Known[] = [];

/** Demands that are looked through for equal ones. */
const RECENT_MAX = 8;

/** Tasks that say the same share their demands, so that nothing is worked out for each, and equal keys are one text: they are looked up at each start and end. */
function sharedDemands(definition: TaskDefinition, breaker: BreakerPolicy | undefined): Demands {
  for (const known of recent) if (isSaidBy(known, definition, breaker)) return known.demands;
  const { executor, locks, rates, resources } = definition;
  const demands = hasExpressions(definition) ? UNRESOLVED : newDemands(definition, { locks, rates, breaker });
  if (recent.length === RECENT_MAX) recent.pop();
  recent.unshift({
    executor,
    locks,
    rates,
    resources,
    breaker,
    hasFallback: definition.fallback !== undefined,
    demands,
  });
  return demands;
}

function isSaidBy(known: Known, definition: TaskDefinition, breaker: BreakerPolicy | undefined): boolean {
  return (
    known.executor === definition.executor &&
    known.hasFallback === (definition.fallback !== undefined) &&
    areSame(known.locks, definition.locks) &&
    areSame(known.rates, definition.rates) &&
    haveSameFields(known.resources, definition.resources) &&
    haveSameFields(known.breaker, breaker)
  );
}

function areSame(a: readonly string[] = NO_NAMES, b: readonly string[] = NO_NAMES): boolean {
  return a === b || (a.length === b.length && a.every((name, at) => name === b[at]));
}

function haveSameFields<Flat extends Resources | BreakerPolicy>(a: Flat | undefined, b: Flat | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const names = Object.keys(a) as (keyof Flat)[];
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}

interface Named {
  readonly locks: readonly string[] | undefined;
  readonly rates: readonly string[] | undefined;
  readonly breaker: BreakerPolicy | undefined;
}

function newDemands({ executor, resources, fallback }: TaskDefinition, { breaker, ...names }: Named): Demands {
  const [locks, rates] = [ordered(names.locks), ordered(names.rates)];
  const amounts = Object.keys(resources ?? NO_RESOURCES).toSorted();
  const rest = breaker === undefined ? [] : [breaker, fallback !== undefined];
  const key = JSON.stringify([executor, locks, rates, amounts.map((name) => [name, resources?.[name]]), ...rest]);
  return { locks, rates, resources: resources ?? NO_RESOURCES, ...(breaker === undefined ? {} : { breaker }), key };
}

function ordered(names: readonly string[] = NO_NAMES): readonly string[] {
  return [...new Set(names)].toSorted();
}

/** True for a task with names to work out. Of a group around it the key of a breaker holds none. */
export function hasExpressions({ locks = NO_NAMES, rates = NO_NAMES, policies }: TaskDefinition): boolean {
  return locks.some(isTemplate) || rates.some(isTemplate) || isTemplate(policies.breaker?.key ?? '');
}

function isTemplate(name: string): boolean {
  return name.includes('${{');
}

/** True for a task that can not become ready before names are worked out. */
export function isUnresolved({ demands }: TaskState): boolean {
  return demands === UNRESOLVED;
}

/** The names that an event has kept. */
export function evolveDemands(task: TaskState, { locks, rates, breaker: key }: EventData['TaskDue']): void {
  if (locks === undefined) return;
  const around = task.definition.policies.breaker ?? task.scope.breaker;
  const breaker = key === undefined ? around : { ...around, key };
  task.demands = newDemands(task.definition, { locks, rates, breaker });
}

/** Names to keep in a snapshot; undefined: the definition says them, or they are not worked out. */
export function resolvedNames({ demands, definition }: TaskState): EventData['TaskDue'] | undefined {
  if (demands === undefined || demands === UNRESOLVED || !hasExpressions(definition)) return undefined;
  const { locks, rates, breaker } = demands;
  return {
    locks,
    ...(definition.rates === undefined ? {} : { rates }),
    ...(breaker?.key === undefined ? {} : { breaker: breaker.key }),
  };
}
