/** Checks what a task needs at named gates: the expressions in names of locks and rates, and amounts that no capacity can ever give. */
import type { Resources } from '../task/demands.ts';
import { isGroup, type OfAKind } from '../task/kind.ts';
import { isMultiplied, type MultiplierFields } from '../task/multiplier.ts';
import { isWait } from '../task/wait.ts';
import { NAME_SCOPE } from './expression-scopes.ts';
import { checkTemplates, type Readable } from './expressions.ts';
import { siteOf, violate, type LazySite } from './report.ts';

/** The fields that are checked here. */
export interface DemandFields extends OfAKind, MultiplierFields {
  readonly locks?: readonly string[] | undefined;
  readonly rates?: readonly string[] | undefined;
  readonly resources?: Resources | undefined;
}

/** What the checks need to know of the engine. */
export interface DemandFacts {
  /** Capacity of a resource, Infinity: no limit. Absent: nothing is limited. */
  readonly capacityOf?: ((resource: string) => number) | undefined;
}

export function checkDemands(
  given: DemandFields,
  site: LazySite,
  { facts, around }: { readonly facts: DemandFacts; readonly around: Readable },
): void {
  const { resources } = given;
  refuseWithoutAttempts(given, site);
  for (const field of ['locks', 'rates'] as const) {
    const names = given[field];
    if (names !== undefined) checkTemplates(names, siteOf(site(), field), { ...around, scope: NAME_SCOPE });
  }
  for (const [name, demand] of Object.entries(resources ?? {})) {
    const capacity = facts.capacityOf?.(name) ?? Infinity;
    if (demand <= capacity) continue;
    violate(siteOf(site(), 'resources', name), 'limit/refused', {
      what: `needs ${demand} at the gate resource:${name}, whose capacity is ${capacity}, so it could never start`,
      expected: `at most ${capacity}, or a higher engine.limits.resources.${name}`,
      actual: demand,
    });
  }
}

/** Only attempts take locks, rates and resources. A group with a lock would hold it while its members wait for other gates: so there could be a deadlock. */
function refuseWithoutAttempts(given: DemandFields, site: LazySite): void {
  const what = isWait(given) ? 'waits' : isGroup(given) && !isMultiplied(given) ? 'is a group' : undefined;
  if (what === undefined) return;
  for (const name of ['locks', 'rates', 'resources'] as const) {
    if (given[name] === undefined) continue;
    violate(siteOf(site(), name), 'tree/invalid', {
      what: `${what} and has ${name}, which only attempts ${name === 'rates' ? 'keep' : 'hold'}`,
      expected:
        what === 'waits'
          ? `${name} on tasks with an executor`
          : `${name} on each task below it that has an executor; to keep others out from its first step to its last, put the steps into one task, or into a tree that runs once at a time`,
    });
  }
}
