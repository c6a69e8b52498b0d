/** Checks of one task's own fields: executor, inputs, expressions, priority, policies. References to other tasks are checked elsewhere. */
import type { Json, JsonObject } from '../task/json.ts';
import type { TaskPolicies } from '../task/task.ts';
import { checkTemplates } from './expressions.ts';
import type { ExpressionFacts } from './expressions.ts';
import { checkCapabilities } from './kind.ts';
import { checkNumber, checkTaskPolicies } from './policies.ts';
import { siteOf, violate } from './report.ts';
import type { LazySite, Path, Site } from './report.ts';
import { createSuggest, didYouMean } from './suggestion.ts';

/** What is wrong with an input, as an executor's schema says. A missing property is reported at its own path. */
export interface InputProblem {
  /** Path into the inputs. */
  readonly path: Path;
  readonly reason: string;
  readonly expected?: string | undefined;
  readonly actual?: Json | undefined;
}

/** What validation needs to know of an executor. */
export interface ExecutorFacts {
  readonly ports?: readonly string[] | 'dynamic' | undefined;
  /** What it offers to tasks that need it. Absent: nothing. */
  readonly capabilities?: readonly string[] | undefined;
  /**
   * What is wrong with inputs as they are written: only what holds whatever the expressions in them evaluate to, and whatever
   * dependencies deliver under `suppliedKeys`. The rest is checked when an attempt starts. Absent: any inputs will do.
   */
  readonly checkInputs?: ((inputs: JsonObject, suppliedKeys: readonly string[]) => readonly InputProblem[]) | undefined;
}

/** What validation needs to know of the outside. */
export interface ValidationFacts extends ExpressionFacts {
  findExecutor(type: string): ExecutorFacts | undefined;
  /** All contributed types, for suggestions. */
  readonly executorTypes: readonly string[];
  /** Names of the contributed backoff functions. */
  readonly backoffs: ReadonlySet<string>;
}

/** The fields that are checked here; absent ones are fine. */
export interface CheckedFields {
  readonly executor?: string | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly priority?: number | undefined;
  readonly policies?: TaskPolicies | undefined;
  readonly capabilities?: readonly string[] | undefined;
}

/** A dependency: how it is referred to, and the input key it delivers to. */
export interface Delivery {
  readonly ref: string;
  readonly key: string;
}

/** What the checks need beside the fields. */
export interface FieldsContext {
  readonly facts: ValidationFacts;
  /** The task's dependencies. Asked for only when it matters. */
  readonly deliveries: () => readonly Delivery[];
}

/** Checks the fields of one task; `site` is the task's, asked for only where there is something to look at. */
export function checkFields(fields: CheckedFields, site: LazySite, context: FieldsContext): void {
  const { executor, inputs, priority, policies, capabilities } = fields;
  const known = executor === undefined ? undefined : findExecutor(executor, site, context.facts);
  if (executor !== undefined && known !== undefined && capabilities !== undefined)
    checkCapabilities(capabilities, { type: executor, offered: known.capabilities }, site);
  if (priority !== undefined) checkNumber(priority, siteOf(site(), 'priority'), { min: 0, max: 3, isWhole: true });
  if (inputs !== undefined) checkTemplates(inputs, siteOf(site(), 'inputs'), readsOf(context));
  if (known?.checkInputs !== undefined) {
    const suppliedKeys = context.deliveries().map(({ key }) => key);
    reportInputs(known.checkInputs(inputs ?? {}, suppliedKeys), site);
  }
  if (policies !== undefined) checkPolicies(policies, siteOf(site(), 'policies'), context);
}

/** What the expressions of a task may read. */
function readsOf({ facts, deliveries }: FieldsContext): Parameters<typeof checkTemplates>[2] {
  return { facts, refs: () => deliveries().map(({ ref }) => ref) };
}

function checkPolicies(policies: TaskPolicies, site: Site, context: FieldsContext): void {
  checkTaskPolicies(policies, site, context.facts.backoffs);
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

/** Reports what an executor's schema says of inputs, as far as they are known now. */
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
