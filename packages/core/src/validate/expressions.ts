/**
 * Checks expressions before anything runs (R-RO-05). An expression must be closed and well formed. It must not read an unknown name, a
 * dependency that the task does not have, or an undeclared input, variable, environment variable or secret. Where types are known, it must
 * be able to give a value of the required type.
 */
import type { Json } from '@coppice/extension';
import type { ExpressionEvaluator, ScopeRead } from '../ports/expressions.ts';
import {
  CONDITION_SCOPE,
  fieldsOf,
  INPUT_SCOPE,
  scopeAround,
  isKnownElsewhere,
  WHEN_SCOPE,
  type ExpressionScope,
  type KnownAround,
} from './expression-scopes.ts';
import { siteOf, violate } from './report.ts';
import type { Site } from './report.ts';
import { createSuggest, didYouMean } from './suggestion.ts';
import type { Suggest } from './suggestion.ts';
import { listTemplates, parseTemplate } from './template.ts';

/** Most alternatives that a violation lists. */
const MAX_LISTED = 20;

/** Longest expression, in characters, that is searched for names which are no plain words. */
const SEARCHED_MAX = 2_000;

/** The names below a root such as `inputs`, as the keys of an object. */
type Names = Readonly<Record<string, unknown>>;

/** The names that expressions may read below each root; absent: any name. */
export interface ScopeNames {
  /** Inputs that the tree declares. The value of an input that is null comes with the request to execute. */
  readonly inputs?: Names | undefined;
  readonly vars?: Names | undefined;
  readonly env?: Names | undefined;
  readonly secrets?: Names | undefined;
}

/** What the checks need beside the expression itself. */
export interface ExpressionFacts extends KnownAround {
  readonly expressions: ExpressionEvaluator;
  readonly names?: ScopeNames | undefined;
}

/** The references of a task's dependencies. */
interface Refs {
  readonly names: ReadonlySet<string>;
  /** References that can not be written after `deps.`, because they are no plain words. */
  readonly unplain: readonly string[];
  readonly are: ReadableAs;
}

/** What `deps` are: the tasks that a task depends on, or the members of a group that ends. */
type ReadableAs = 'dependencies' | 'members';

/** What the expressions in a value may read. */
export interface Readable {
  readonly facts: ExpressionFacts;
  /** What is below `deps`. Asked for only when it matters. */
  readonly refs: () => Iterable<string>;
  /** Default dependencies. */
  readonly refsAre?: ReadableAs | undefined;
  /** Default that of inputs. */
  readonly scope?: ExpressionScope | undefined;
}

/** Where an expression stands, and what it may read. */
interface Place {
  readonly site: Site;
  readonly facts: ExpressionFacts;
  readonly scope: ExpressionScope;
  /** References of the task's dependencies; absent where an expression reads none. */
  readonly refs?: (() => Refs) | undefined;
}

/** For each root: words for what an unknown name is not, and how the name can be made known. */
const UNKNOWN: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  inputs: [
    'no input that the tree declares',
    "declare it under the tree's 'inputs', as null when it is given at the start",
  ],
  vars: ['no variable of the tree', "declare it under the tree's 'variables'"],
  env: ['no environment variable that the configuration allows', "allow it in the configuration's 'env'"],
  secrets: ['no secret that the configuration names', "name it in the configuration's 'secrets'"],
  task: ['no field of it', ''],
  run: ['no field of it', ''],
  error: ['no field of it', ''],
};

/** Checks every expression in a value. */
export function checkTemplates(value: Json, site: Site, around: Readable): void {
  let known: Refs | undefined;
  const refs = (): Refs => (known ??= refsOf(around));
  let scope: ExpressionScope | undefined;
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
      if (typeof part === 'string') continue;
      scope ??= scopeAround(around.scope ?? INPUT_SCOPE, around.facts);
      checkExpression(part.expression, { site: textSite, facts: around.facts, scope, refs });
    }
  }
}

const NO_REFS: Refs = { names: new Set(), unplain: [], are: 'dependencies' };

function refsOf({ refs, refsAre = 'dependencies' }: Readable): Refs {
  const names = new Set(refs());
  return { names, unplain: [...names].filter((ref) => !PLAIN.test(ref) && ref.trim() !== ''), are: refsAre };
}

/** Checks the condition of a repetition. */
export function checkRepeatCondition(condition: string, site: Site, around: Readable): void {
  const { facts } = around;
  const scope = scopeAround(INPUT_SCOPE, facts);
  const ofTruth: ExpressionScope = { ...scope, types: { ...scope.types, result: 'boolean' } };
  checkExpression(condition, { site, facts, scope: ofTruth, refs: () => refsOf(around) });
}

/** Checks the condition of a dependency. True: it is sound, wherever it stands, because it reads nothing but how its source ended. */
export function checkCondition(condition: string, site: Site, facts: ExpressionFacts): boolean {
  let isSound = true;
  const report: Site['report'] = (violation) => {
    isSound = false;
    site.report(violation);
  };
  checkExpression(condition, { site: { ...site, report }, facts, scope: CONDITION_SCOPE });
  return isSound;
}

/** Checks the `when` of a task. */
export function checkWhen(when: string, site: Site, around: Readable): void {
  let known: Refs | undefined;
  const refs = (): Refs => (known ??= refsOf(around));
  checkExpression(when, { site, facts: around.facts, scope: scopeAround(WHEN_SCOPE, around.facts), refs });
}

function checkExpression(expression: string, place: Place): void {
  const { expressions } = place.facts;
  const isSearched = expression.length <= SEARCHED_MAX && expression.includes('deps.');
  const unquoted = isSearched ? findUnquoted(expression, place.refs?.().unplain ?? []) : undefined;
  if (unquoted !== undefined) {
    const { ref, offset } = unquoted;
    violate(place.site, 'tree/invalid', {
      what: `reads deps.${ref} at offset ${offset}, which is no plain word; write deps['${ref}']`,
      expected: `deps['${ref}']`,
      actual: expression,
    });
    return;
  }
  const problem =
    expression.trim() === '' ? { message: 'it is empty' } : expressions.check(expression, place.scope.types);
  if (problem === undefined) {
    for (const read of expressions.reads(expression)) checkRead(read, expression, place);
    return;
  }
  const at = problem.offset === undefined ? '' : ` at offset ${problem.offset}`;
  violate(place.site, 'tree/invalid', {
    what: `has a malformed expression${at}: ${problem.message}`,
    expected: place.scope.types.result === 'boolean' ? 'a CEL expression that is true or false' : 'a CEL expression',
    actual: expression,
  });
}

/** A plain word: a name that can be written after a dot. */
const PLAIN = /^(?!(?:in|true|false|null)$)[A-Za-z_]\w*$/;

/** Finds a dependency that is written after `deps.` although its name is no plain word. */
function findUnquoted(
  expression: string,
  refs: readonly string[],
): { readonly ref: string; readonly offset: number } | undefined {
  for (const { 0: text, index } of expression.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])deps\./g)) {
    if (text !== 'deps.') continue;
    const after = index + 'deps.'.length;
    // `deps.in.x` is meant, `deps.inner` is not.
    const ref = refs.find((each) => expression.startsWith(each, after) && !isWordAt(expression, after + each.length));
    if (ref !== undefined) return { ref, offset: index };
  }
  return undefined;
}

function isWordAt(text: string, at: number): boolean {
  return /^\w/.test(text.slice(at, at + 1));
}

function checkRead(read: ScopeRead, expression: string, place: Place): void {
  const [root, name] = read.path;
  if (!place.scope.roots.includes(root as string)) unknownRoot(read, expression, place);
  else if (typeof name === 'string') checkName(root as string, name, { expression, place });
}

function unknownRoot({ path: [root], start }: ScopeRead, expression: string, { site, scope }: Place): void {
  const { roots, otherwise } = scope;
  const hint = isKnownElsewhere(String(root)) ? `; ${otherwise}` : didYouMean(createSuggest(roots)(String(root)));
  violate(site, 'tree/invalid', {
    what: `reads '${root}' at offset ${start}, which there is not here${hint}`,
    expected: roots.join(', '),
    actual: expression,
  });
}

interface Reading {
  readonly expression: string;
  readonly place: Place;
}

function checkName(root: string, name: string, { expression, place }: Reading): void {
  const { site, facts } = place;
  if (root === 'deps') {
    checkDependencyName(name, { expression, place });
    return;
  }
  const known = namesBelow(root, place);
  if (known === undefined || Object.hasOwn(known, name)) return;
  const [what = '', remedy = ''] = UNKNOWN[root] ?? [];
  const meant = suggestionsOf(facts, root, known)(name);
  const hint = meant === undefined ? (remedy === '' ? '' : `; ${remedy}`) : didYouMean(meant);
  const names = Object.keys(known);
  violate(site, 'tree/invalid', {
    what: `reads ${root}.${name}, but '${name}' is ${what}${hint}`,
    expected: names.length === 0 ? 'one that there is (there is none)' : listed(names),
    actual: expression,
  });
}

function checkDependencyName(name: string, { expression, place: { site, refs } }: Reading): void {
  const { names, are } = refs?.() ?? NO_REFS;
  if (names.has(name)) return;
  violate(site, 'tree/invalid', {
    what: `reads deps.${name}, but '${name}' is not one of its ${are}${didYouMean(createSuggest(names)(name))}`,
    expected:
      names.size > 0 ? listed([...names]) : are === 'members' ? 'a member (it has none)' : 'a dependency (it has none)',
    actual: expression,
  });
}

function listed(names: readonly string[]): string {
  return names.slice(0, MAX_LISTED).join(', ');
}

function namesBelow(root: string, { scope, facts: { names } }: Place): Names | undefined {
  switch (root) {
    case 'inputs':
    case 'vars':
    case 'env':
    case 'secrets':
      return names?.[root];
    default:
      return fieldsOf(scope, root);
  }
}

/** One search for suggestions per root and request. The search is bounded, because it compares with every name. */
const suggestions = new WeakMap<ExpressionFacts, Map<string, Suggest>>();

function suggestionsOf(facts: ExpressionFacts, root: string, names: Names): Suggest {
  const ofRequest = suggestions.get(facts) ?? new Map<string, Suggest>();
  suggestions.set(facts, ofRequest);
  const suggest = ofRequest.get(root) ?? createSuggest(Object.keys(names));
  ofRequest.set(root, suggest);
  return suggest;
}
