/** Checks of one task's own fields: executor, inputs, expressions, priority, policies. References to other tasks are checked elsewhere. */
import type { ExpressionEvaluator } from '../ports/expressions.ts';
import type { Json, JsonObject } from '../task/json.ts';
import type { TaskPolicies } from '../task/task.ts';
import { checkNumber, checkTaskPolicies } from './policies.ts';
import { siteOf, violate } from './report.ts';
import type { Path, Site } from './report.ts';
import { createSuggest, didYouMean } from './suggestion.ts';
import { listDependencyReads, listTemplates, parseTemplate } from './template.ts';

/** Alternatives that a violation lists at most. */
const MAX_LISTED = 20;

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
  /**
   * What is wrong with inputs as they are written: only what holds whatever the expressions in them evaluate to, and whatever
   * dependencies deliver under `suppliedKeys`. The rest is checked when an attempt starts.
   */
  checkInputs(inputs: JsonObject, suppliedKeys: readonly string[]): readonly InputProblem[];
}

/** What validation needs to know of the outside. */
export interface ValidationFacts {
  readonly expressions: ExpressionEvaluator;
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
  /** The task's dependencies: how each is referred to, and the input key it delivers to. Asked for only when it matters. */
  deliveries(): readonly Delivery[];
}

export interface Delivery {
  readonly ref: string;
  readonly key: string;
}

/** Checks the fields of one task; `site` is the task's. */
export function checkFields(fields: CheckedFields, site: Site, facts: ValidationFacts): void {
  const { executor, inputs, policies } = fields;
  const isKnown = checkExecutor(executor, siteOf(site, 'executor'), facts);
  checkNumber(fields.priority, siteOf(site, 'priority'), { min: 0, max: 3, isWhole: true });
  if (inputs !== undefined) checkTemplates(inputs, siteOf(site, 'inputs'), { fields, facts });
  if (isKnown) checkInputs(fields, siteOf(site, 'inputs'), facts);
  if (policies === undefined) return;
  checkTaskPolicies(policies, siteOf(site, 'policies'), facts.backoffs);
  const { idempotencyKey } = policies;
  if (idempotencyKey === undefined) return;
  const keySite = siteOf(site, 'policies', 'idempotencyKey');
  if (idempotencyKey === '')
    violate(keySite, 'tree/invalid', 'has an empty idempotencyKey; leave it out for the default');
  checkTemplates(idempotencyKey, keySite, { fields, facts });
}

function checkExecutor(executor: string | undefined, site: Site, facts: ValidationFacts): boolean {
  if (executor === undefined) return false;
  if (facts.findExecutor(executor) !== undefined) return true;
  const hint = didYouMean(createSuggest(facts.executorTypes)(executor));
  violate(site, 'executor/not-found', {
    what: `names the executor '${executor}', which no extension contributes${hint}`,
    expected: facts.executorTypes.join(', '),
    actual: executor,
  });
  return false;
}

/** Checks inputs against the executor's schema, as far as they are known now. */
function checkInputs(fields: CheckedFields, site: Site, facts: ValidationFacts): void {
  const executor = facts.findExecutor(fields.executor ?? '');
  const suppliedKeys = fields.deliveries().map(({ key }) => key);
  for (const problem of executor?.checkInputs(fields.inputs ?? {}, suppliedKeys) ?? []) {
    const { expected, actual } = problem;
    const where = problem.path.length === 0 ? 'inputs' : `inputs.${problem.path.join('.')}`;
    violate(siteOf(site, ...problem.path), 'task/invalid-inputs', {
      what: `has invalid ${where}: ${problem.reason}`,
      expected,
      actual,
    });
  }
}

interface TemplateChecks {
  readonly fields: CheckedFields;
  readonly facts: ValidationFacts;
}

/** Checks every expression in a value: that it is closed, well formed, and reads no dependency the task does not have. */
function checkTemplates(value: Json, site: Site, checks: TemplateChecks): void {
  for (const { path, text } of listTemplates(value)) {
    const textSite = siteOf(site, ...path);
    const template = parseTemplate(text);
    if (template.unclosedAt !== undefined) {
      violate(textSite, 'tree/invalid', {
        what: `has '\${{' at offset ${template.unclosedAt} without its '}}'`,
        actual: text,
      });
    }
    for (const part of template.parts) {
      if (typeof part !== 'string') checkTemplateExpression(part.expression, textSite, checks);
    }
  }
}

function checkTemplateExpression(expression: string, site: Site, { fields, facts }: TemplateChecks): void {
  if (!checkExpression(expression, site, facts.expressions)) return;
  if (!expression.includes('deps')) return;
  const refs = new Set(fields.deliveries().map(({ ref }) => ref));
  for (const read of listDependencyReads(expression)) {
    const name = read.names[0]?.name ?? '';
    if (refs.has(name)) continue;
    const hint = didYouMean(createSuggest(refs)(name));
    violate(site, 'tree/invalid', {
      what: `reads deps.${name}, but '${name}' is not one of its dependencies${hint}`,
      expected: refs.size === 0 ? 'a dependency (it has none)' : [...refs].slice(0, MAX_LISTED).join(', '),
      actual: expression,
    });
  }
}

/** Reports a malformed expression; true when it is well formed. */
export function checkExpression(expression: string, site: Site, expressions: ExpressionEvaluator): boolean {
  const problem = expression.trim() === '' ? { message: 'it is empty' } : expressions.check(expression);
  if (problem === undefined) return true;
  const at = problem.offset === undefined ? '' : ` at offset ${problem.offset}`;
  violate(site, 'tree/invalid', {
    what: `has a malformed expression${at}: ${problem.message}`,
    expected: 'a CEL expression',
    actual: expression,
  });
  return false;
}
