/** Checks what a task sets variables to: that each is declared and takes such a value, and the expressions. */
import type { Json, JsonObject } from '@coppice/extension';
import { writeProblem, type DeclaredVariables } from '../variables/declarations.ts';
import { SET_SCOPE } from './expression-scopes.ts';
import { checkTemplates, type Readable } from './expressions.ts';
import { siteOf, violate, type Site } from './report.ts';
import { listTemplates } from './template.ts';

export function checkSet(
  set: JsonObject,
  site: Site,
  { around, declared }: { readonly around: Readable; readonly declared: DeclaredVariables },
): void {
  for (const name of Object.keys(set)) {
    const value = set[name] as Json;
    const problem = writeProblem({ [name]: value }, declared);
    // Of an expression the value is known when the task completes.
    if (problem === undefined || (problem.code === 'variables/invalid' && listTemplates(value).length > 0)) continue;
    const known = Object.keys(declared.variables);
    violate(siteOf(site, name), 'tree/invalid', {
      what: `sets '${name}', but ${problem.reason}`,
      expected: known.length === 0 ? 'a declared variable (there is none)' : known.slice(0, 20).join(', '),
      actual: value,
    });
  }
  checkTemplates(set, site, { ...around, scope: SET_SCOPE });
}
