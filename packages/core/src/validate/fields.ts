/** Checks the fields of one task, except references to other tasks. */
import type { Json, JsonObject } from '@coppice/extension';
import { checkWritten } from '../task/field-list.ts';
import type { SchemaChecker } from '../ports/schemas.ts';
import { isGroup, kindOf } from '../task/kind.ts';
import { isWait, type OfAWait } from '../task/wait.ts';
import type { Compensation, Join, TaskDefinition, TaskPolicies } from '../task/task.ts';
import { checkGroupInputs } from './declares.ts';
import { checkBreaker } from './breaker.ts';
import { checkDemands, type DemandFacts, type DemandFields } from './demands.ts';
import { checkTemplates, checkWhen } from './expressions.ts';
import type { ExpressionFacts, Readable } from './expressions.ts';
import { checkCapabilities, checkKind, PRIORITY_OF_GROUP, type KindFields } from './kind.ts';
import { checkTaskPolicies } from './policies.ts';
import { siteOf, violate } from './report.ts';
import type { LazySite, Path, Site } from './report.ts';
import { createSuggest, didYouMean } from './suggestion.ts';
import { checkWait } from './wait.ts';

/** A violation of an executor's schema by an input. A missing property is reported at the path of this property. */
export interface InputProblem {
  /** Path into the inputs. */
  readonly path: Path;
  readonly reason: string;
  readonly expected?: string | undefined;
  readonly actual?: Json | undefined;
}

/** The data of an executor that validation needs. */
export interface ExecutorFacts {
  readonly ports?: readonly string[] | 'dynamic' | undefined;
  /** Capabilities that the executor offers. Absent: none. */
  readonly capabilities?: readonly string[] | undefined;
  /**
   * Checks inputs before their expressions are evaluated. Reports only violations that no result of an expression, and no output of a
   * dependency under `suppliedKeys`, can mend. The rest is checked when an attempt starts. Absent: all inputs are valid.
   */
  readonly checkInputs?: ((inputs: JsonObject, suppliedKeys: readonly string[]) => readonly InputProblem[]) | undefined;
}

/** The data from outside that validation needs. */
export interface ValidationFacts extends ExpressionFacts, DemandFacts {
  findExecutor(type: string): ExecutorFacts | undefined;
  /** All contributed types, for suggestions. */
  readonly executorTypes: readonly string[];
  /** Names of the contributed backoff functions. */
  readonly backoffs: ReadonlySet<string>;
  readonly schemas: SchemaChecker;
  /** Names of the contributed merges of variables; absent: there are none. */
  readonly merges?: ReadonlySet<string> | undefined;
  /** Names of signals that extensions handle; absent: there are none. */
  readonly signals?: ReadonlySet<string> | undefined;
}

/** The fields that a caller gives for a task that is created, changed or copied. All may be absent. */
export interface GivenFields extends KindFields, OfAWait, DemandFields {
  readonly executor?: string | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly dependencies?: readonly unknown[] | undefined;
  readonly priority?: number | undefined;
  readonly join?: Join | undefined;
  readonly when?: string | undefined;
  readonly cancelOthers?: boolean | undefined;
}

/** How the output of a dependency is delivered: its reference, and the input key. */
export interface Delivery {
  readonly ref: string;
  readonly key: string | undefined;
}

/** The deliveries of a stored task; `dependencies`: default its own. A copy of a multiplied task gets only what is named for its input. */
export function deliveriesOf(
  { multiplier, dependencies: stored }: TaskDefinition,
  dependencies: readonly { readonly ref: string; readonly into?: string | undefined }[] = stored,
): readonly Delivery[] {
  return dependencies.map(({ ref, into }) => ({ ref, key: into ?? (multiplier === undefined ? ref : undefined) }));
}

/** What the checks need beside the given fields. */
export interface FieldsContext {
  readonly facts: ValidationFacts;
  /** What holds around a multiplied task, without the names that it gives. Default `facts`. */
  readonly around?: ExpressionFacts | undefined;
  /** Returns the deliveries of the task's dependencies. Called only when a check needs them. */
  readonly deliveries: () => readonly Delivery[];
  /** The task that is changed or copied; absent: a new one. */
  readonly stored?: TaskDefinition | undefined;
}

/**
 * Checks the given fields of one task, and the stored fields whose meaning they change. Does not check references to other tasks.
 * `site` is the place of the given fields; it is called only when a check needs it.
 */
export function checkTask(given: GivenFields, site: LazySite, context: FieldsContext): void {
  const { stored } = context;
  const { executor, inputs, dependencies, priority } = given;
  const isOfGroup = isGroup(stored ?? given);
  const isOfStoredGroup = isOfGroup && stored !== undefined;
  if (isOfStoredGroup && executor !== undefined) {
    violate(siteOf(site(), 'executor'), 'tree/invalid', { what: 'gives an executor to a group', actual: executor });
    return;
  }
  const isReread = stored === undefined || dependencies !== undefined;
  const isWorkRead = isReread || executor !== undefined || inputs !== undefined;
  const work = isWorkRead ? workOf(given, stored) : undefined;
  const known = work === undefined ? undefined : checkExecutor(work, site, context.facts);
  checkWritten(given, site);
  if (work !== undefined) checkInputs(work, known, { site, context });
  const policies = given.policies ?? (isReread ? stored?.policies : undefined);
  if (policies !== undefined)
    checkPolicies(policies, siteOf(site(), 'policies'), { context, isOfOne: kindOf(stored ?? given) === 'executor' });
  if (isWait(given)) checkWaitOf(given, site, context);
  checkKind(given, kindOf(stored ?? given), site);
  const when = given.when ?? (isReread ? stored?.when : undefined);
  if (when !== undefined)
    checkWhen(when, siteOf(site(), 'when'), { ...readsOf(context), facts: context.around ?? context.facts });
  if (given.locks !== undefined || given.rates !== undefined || given.resources !== undefined)
    checkDemands(given, site, { facts: context.facts, around: readsOf(context) });
  checkRace(given, site);
  if (isOfStoredGroup && inputs !== undefined && stored.declares?.inputs !== undefined)
    checkGroupInputs(stored.declares.inputs, inputs, site());
  if (isOfStoredGroup && priority !== undefined) violate(siteOf(site(), 'priority'), 'tree/invalid', PRIORITY_OF_GROUP);
}

/** Checks what another executor than that of the task does for it: that it is there, its inputs by its schema, and the policies. */
export function checkOtherWork(
  { executor, inputs = {}, policies }: Compensation,
  site: Site,
  { facts }: FieldsContext,
): void {
  const known = findExecutor(executor, () => site, facts);
  if (known?.checkInputs !== undefined) reportInputs(known.checkInputs(inputs, []), () => site);
  if (policies === undefined) return;
  checkTaskPolicies(policies, siteOf(site, 'policies'), facts.backoffs);
  if (policies.breaker !== undefined)
    checkBreaker(policies.breaker, { site: siteOf(site, 'policies', 'breaker'), around: undefined });
}

function checkRace({ join, cancelOthers }: GivenFields, site: LazySite): void {
  if (cancelOthers !== true || join === 'any') return;
  violate(siteOf(site(), 'cancelOthers'), 'tree/invalid', {
    what: `cancels the others of a race, but has none: its join is ${join ?? 'all'}, which needs them all`,
    expected: 'join: any',
    actual: true,
  });
}

function checkWaitOf({ wait, approval, executor }: GivenFields, site: LazySite, context: FieldsContext): void {
  const given = { wait: wait ?? undefined, approval: approval ?? undefined };
  checkWait(given, site(), context.facts);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    checkTemplates(value as JsonObject, siteOf(site(), name), readsOf(context));
    if (executor === undefined) continue;
    violate(siteOf(site(), name), 'tree/invalid', {
      what: `has an executor and ${name === 'wait' ? 'a wait' : 'an approval'}, but a task does one thing`,
      expected: 'two tasks, one depending on the other',
    });
  }
}

type Work = Pick<GivenFields, 'executor' | 'inputs' | 'capabilities'>;

/** The work of the task: the given fields, and the stored ones where none is given. */
function workOf(given: GivenFields, stored: TaskDefinition | undefined): Work {
  if (stored === undefined) return given;
  const { executor = stored.executor, inputs = stored.inputs, capabilities = stored.capabilities } = given;
  return { executor, inputs, capabilities };
}

function checkExecutor(
  { executor, capabilities }: Work,
  site: LazySite,
  facts: ValidationFacts,
): ExecutorFacts | undefined {
  const known = executor === undefined ? undefined : findExecutor(executor, site, facts);
  if (executor !== undefined && known !== undefined && capabilities !== undefined)
    checkCapabilities(capabilities, { type: executor, offered: known.capabilities }, site);
  return known;
}

function checkInputs(
  { inputs }: Work,
  known: ExecutorFacts | undefined,
  { site, context }: { readonly site: LazySite; readonly context: FieldsContext },
): void {
  if (inputs !== undefined) checkTemplates(inputs, siteOf(site(), 'inputs'), readsOf(context));
  if (known?.checkInputs === undefined) return;
  const suppliedKeys = context.deliveries().flatMap(({ key }) => key ?? []);
  reportInputs(known.checkInputs(inputs ?? {}, suppliedKeys), site);
}

/** The names that the expressions of a task may read. */
function readsOf({ facts, deliveries }: FieldsContext): Readable {
  return { facts, refs: () => deliveries().map(({ ref }) => ref) };
}

/** `isOfOne`: the task has an executor, so that no members inherit the policies. */
function checkPolicies(
  policies: TaskPolicies,
  site: Site,
  { context, isOfOne }: { readonly context: FieldsContext; readonly isOfOne: boolean },
): void {
  checkTaskPolicies(policies, site, context.facts.backoffs);
  if (policies.breaker !== undefined)
    checkBreaker(policies.breaker, {
      site: siteOf(site, 'breaker'),
      around: isOfOne ? readsOf(context) : undefined,
    });
  const { idempotencyKey } = policies;
  if (idempotencyKey === undefined) return;
  const keySite = siteOf(site, 'idempotencyKey');
  if (idempotencyKey === '')
    violate(keySite, 'tree/invalid', 'has an empty idempotencyKey; leave it out for the default');
  checkTemplates(idempotencyKey, keySite, readsOf(context));
}

function findExecutor(executor: string, site: LazySite, facts: ValidationFacts): ExecutorFacts | undefined {
  const known = facts.findExecutor(executor);
  if (known !== undefined) return known;
  const hint = didYouMean(createSuggest(facts.executorTypes)(executor));
  violate(siteOf(site(), 'executor'), 'executor/not-found', {
    what: `names the executor '${executor}', which no extension contributes${hint}`,
    expected: facts.executorTypes.join(', '),
    actual: executor,
  });
  return undefined;
}

/** Reports violations of the executor's schema by the inputs that are known before the start. */
function reportInputs(problems: readonly InputProblem[], site: LazySite): void {
  for (const { path, reason, expected, actual } of problems) {
    const where = path.length === 0 ? 'inputs' : `inputs.${path.join('.')}`;
    violate(siteOf(site(), 'inputs', ...path), 'task/invalid-inputs', {
      what: `has invalid ${where}: ${reason}`,
      expected,
      actual,
    });
  }
}
