/** Checks what a tree says of its inputs and outputs: the declarations, the values that are given, and what outputs are made from. */
import {
  declarationProblems,
  inputProblems,
  type DeclarationProblem,
  type Declares,
  type OutputDeclaration,
} from '../task/declared-inputs.ts';
import type { TreeSubmission } from '../task/submission.ts';
import { OUTPUT_SCOPE } from './expression-scopes.ts';
import { checkTemplates, type ExpressionFacts } from './expressions.ts';
import { siteOf, violate, type Path, type Site } from './report.ts';

/** Most declared inputs, and most declared outputs. */
const DECLARED_MAX = 1_000;

interface DeclaresFacts extends ExpressionFacts {
  readonly isExecuted?: boolean | undefined;
  /** References of the root's children. */
  readonly rootKeys: readonly string[];
}

export function checkDeclares({ declares, inputs }: TreeSubmission, tree: Site, facts: DeclaresFacts): void {
  const site = siteOf(tree, 'declares');
  for (const part of ['inputs', 'outputs'] as const) {
    const count = Object.keys(declares?.[part] ?? {}).length;
    if (count > DECLARED_MAX)
      violate(siteOf(site, part), 'limit/refused', `declares ${count} ${part}, more than ${DECLARED_MAX}`);
  }
  if (declares?.inputs !== undefined) checkInputs(declares.inputs, inputs ?? {}, { site, tree, facts });
  for (const [name, output] of Object.entries(declares?.outputs ?? {}))
    checkOutput(output, siteOf(site, 'outputs', name), facts);
}

interface InputSites {
  readonly site: Site;
  readonly tree: Site;
  readonly facts: DeclaresFacts;
}

function checkInputs(
  declared: NonNullable<Declares['inputs']>,
  values: NonNullable<TreeSubmission['inputs']>,
  { site, tree, facts }: InputSites,
): void {
  for (const problem of declarationProblems(declared)) report(siteOf(site, 'inputs'), problem);
  for (const problem of inputProblems(declared, values, { isComplete: facts.isExecuted === true }))
    report(siteOf(tree, 'inputs'), problem);
}

function report(site: Site, { path, reason, expected, actual }: DeclarationProblem): void {
  const at = siteOf(site, ...(path satisfies Path));
  violate(at, 'task/invalid-inputs', { what: `is given inputs that do not fit: ${reason}`, expected, actual });
}

function checkOutput({ value }: OutputDeclaration, site: Site, facts: DeclaresFacts): void {
  const around = { facts, refs: () => facts.rootKeys, refsAre: 'members' as const, scope: OUTPUT_SCOPE };
  checkTemplates(value, siteOf(site, 'value'), around);
}
