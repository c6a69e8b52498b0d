/** Checks what a tree says of its inputs and outputs: the declarations, the values that are given, and what outputs are made from. */
import type { JsonObject } from '@coppice/extension';
import {
  declarationProblems,
  inputProblems,
  type DeclarationProblem,
  type DeclaredInputs,
  type Declares,
  type OutputDeclaration,
} from '../task/declared-inputs.ts';
import type { TaskSubmission, TreeSubmission } from '../task/submission.ts';
import { OUTPUT_SCOPE } from './expression-scopes.ts';
import { checkTemplates, type ExpressionFacts } from './expressions.ts';
import { holdsExpression } from './template.ts';
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
  checkCounts(declares, site);
  if (declares?.inputs !== undefined) {
    checkDeclarations(declares.inputs, site);
    for (const problem of inputProblems(declares.inputs, inputs ?? {}, { isComplete: facts.isExecuted === true }))
      report(siteOf(tree, 'inputs'), problem);
  }
  for (const [name, output] of Object.entries(declares?.outputs ?? {}))
    checkOutput(output, siteOf(site, 'outputs', name), facts);
}

/** The same of a group. Its inputs are given where it is written; what holds an expression is checked when it opens. */
export function checkGroupDeclares(
  { declares, inputs, output }: TaskSubmission,
  group: Site,
  facts: DeclaresFacts,
): void {
  const site = siteOf(group, 'declares');
  checkCounts(declares, site);
  if (declares?.inputs !== undefined) {
    checkDeclarations(declares.inputs, site);
    checkGroupInputs(declares.inputs, inputs ?? {}, group);
  }
  if (declares?.outputs !== undefined && output !== undefined && output !== null)
    violate(
      siteOf(group, 'output'),
      'tree/invalid',
      'has declared outputs, which are its output, and output beside them',
    );
  for (const [name, each] of Object.entries(declares?.outputs ?? {}))
    checkOutput(each, siteOf(site, 'outputs', name), facts);
}

/** Reports what is wrong with the inputs that a group is given, as far as they are known before anything runs. */
export function checkGroupInputs(declared: DeclaredInputs, inputs: JsonObject, group: Site): void {
  const isOpen = (name: unknown): boolean =>
    Object.hasOwn(declared, String(name)) && holdsExpression(inputs[String(name)] ?? null);
  for (const problem of inputProblems(declared, inputs, { isComplete: true }))
    if (!isOpen(problem.path[0])) report(siteOf(group, 'inputs'), problem);
}

function checkCounts(declares: Declares | undefined, site: Site): void {
  for (const part of ['inputs', 'outputs'] as const) {
    const count = Object.keys(declares?.[part] ?? {}).length;
    if (count > DECLARED_MAX)
      violate(siteOf(site, part), 'limit/refused', `declares ${count} ${part}, more than ${DECLARED_MAX}`);
  }
}

function checkDeclarations(declared: DeclaredInputs, site: Site): void {
  for (const problem of declarationProblems(declared)) report(siteOf(site, 'inputs'), problem);
}

function report(site: Site, { path, reason, expected, actual }: DeclarationProblem): void {
  const at = siteOf(site, ...(path satisfies Path));
  violate(at, 'task/invalid-inputs', { what: `is given inputs that do not fit: ${reason}`, expected, actual });
}

function checkOutput({ value }: OutputDeclaration, site: Site, facts: DeclaresFacts): void {
  const around = { facts, refs: () => facts.rootKeys, refsAre: 'members' as const, scope: OUTPUT_SCOPE };
  checkTemplates(value, siteOf(site, 'value'), around);
}
