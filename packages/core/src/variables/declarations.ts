/** Declared variables: their initial values and merges as a submission writes them, and checks of both. */
import type { Json, JsonObject } from '@coppice/extension';
import { isJsonObject } from '../task/json-value.ts';
import { setOwn } from '../task/set-own.ts';
import { siteOf, violate, type Site } from '../validate/report.ts';
import { createSuggest, didYouMean } from '../validate/suggestion.ts';
import { BUILT_IN_MERGES, findBuiltIn } from './merges.ts';

/** Most variables of a tree. */
export const VARIABLES_MAX = 1_000;

/** Merges by variable; a variable without one is replaced. */
export type Merges = Readonly<Record<string, string>>;

export interface DeclaredVariables {
  readonly variables: JsonObject;
  /** Undefined: nobody says one. */
  readonly merges: Merges | undefined;
}

interface Declaration {
  readonly value: Json;
  readonly merge?: Json;
}

/** `{ value, merge? }` declares; anything else is the initial value itself. */
function isDeclaration(written: Json): written is JsonObject & Declaration {
  if (!isJsonObject(written)) return false;
  return Object.hasOwn(written, 'value') && Object.keys(written).every((key) => key === 'value' || key === 'merge');
}

/** The initial values and merges of what was checked. */
export function declaredVariables(written: JsonObject | undefined): DeclaredVariables {
  const variables: Record<string, Json> = {};
  let merges: Record<string, Json> | undefined;
  for (const name of Object.keys(written ?? {})) {
    const each = (written as JsonObject)[name] as Json;
    setOwn(variables, name, isDeclaration(each) ? each.value : each);
    if (isDeclaration(each) && typeof each.merge === 'string' && each.merge !== 'replace')
      setOwn((merges ??= {}), name, each.merge);
  }
  return { variables, merges: merges as Merges | undefined };
}

/** The variables as they are written: the reverse. */
export function writtenVariables({ variables, merges }: DeclaredVariables): JsonObject {
  const written: Record<string, Json> = {};
  for (const name of Object.keys(variables)) {
    const value = variables[name] as Json;
    const merge = mergeNameOf(merges, name);
    const isPlain = merge === 'replace' && !isDeclaration(value);
    setOwn(written, name, isPlain ? value : merge === 'replace' ? { value } : { value, merge });
  }
  return written;
}

export function mergeNameOf(merges: Merges | undefined, name: string): string {
  return merges !== undefined && Object.hasOwn(merges, name) ? (merges[name] as string) : 'replace';
}

/** Reports what is wrong with declared variables. `contributed`: names of merges of extensions. */
export function checkVariables(written: JsonObject, site: Site, contributed: Iterable<string>): void {
  const names = Object.keys(written);
  if (names.length > VARIABLES_MAX) {
    violate(
      site,
      'limit/refused',
      `declares ${names.length} variables, more than ${VARIABLES_MAX}; put several into one`,
    );
    return;
  }
  const merges = [...Object.keys(BUILT_IN_MERGES), ...contributed];
  const suggest = createSuggest(merges);
  for (const name of names) {
    const each = written[name] as Json;
    if (!isDeclaration(each)) continue;
    const { value, merge = 'replace' } = each;
    if (typeof merge !== 'string' || !merges.includes(merge)) {
      const hint = typeof merge === 'string' ? didYouMean(suggest(merge)) : '';
      violate(siteOf(site, name, 'merge'), 'tree/invalid', {
        what: `merges the variable '${name}' by ${JSON.stringify(merge)}, which there is not${hint}`,
        expected: merges.join(', '),
        actual: merge,
      });
      continue;
    }
    checkInitial(name, { value, merge }, site);
  }
}

function checkInitial(
  name: string,
  { value, merge }: { readonly value: Json; readonly merge: string },
  site: Site,
): void {
  const isList = merge === 'append' || merge === 'union';
  const fits = isList ? Array.isArray(value) : findBuiltIn(merge)?.fits(value) !== false;
  if (value === null || fits) return;
  violate(siteOf(site, name, 'value'), 'tree/invalid', {
    what: `begins the variable '${name}' with a value that ${merge} can not go on with`,
    expected: isList ? 'a list, or null' : `${findBuiltIn(merge)?.takes}, or null`,
    actual: value,
  });
}

/** What is wrong with a write to variables; undefined: nothing. */
export function writeProblem(
  patch: JsonObject,
  { variables, merges }: DeclaredVariables,
):
  | { readonly code: 'variables/undeclared' | 'variables/invalid'; readonly name: string; readonly reason: string }
  | undefined {
  for (const name of Object.keys(patch)) {
    if (!Object.hasOwn(variables, name)) {
      const known = Object.keys(variables);
      const hint = didYouMean(createSuggest(known)(name));
      const remedy = hint === '' ? "; declare it under the tree's 'variables'" : hint;
      return { code: 'variables/undeclared', name, reason: `the tree declares no variable '${name}'${remedy}` };
    }
    const merge = mergeNameOf(merges, name);
    const builtIn = findBuiltIn(merge);
    if (builtIn !== undefined && !builtIn.fits(patch[name] as Json))
      return {
        code: 'variables/invalid',
        name,
        reason: `the variable '${name}' is merged by ${merge}, which takes ${builtIn.takes}`,
      };
  }
  return undefined;
}
