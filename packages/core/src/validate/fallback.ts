/** What is checked of a fallback: that it is one thing, on a task with an executor, and what that needs. */
import { kindOf } from '../task/kind.ts';
import type { TaskSubmission } from '../task/submission.ts';
import type { Fallback } from '../task/task.ts';

import { FALLBACK_SCOPE } from './expression-scopes.ts';
import { checkTemplates } from './expressions.ts';
import { checkOtherWork, type FieldsContext } from './fields.ts';
import { siteOf, violate, type Site } from './report.ts';

export function checkFallback(task: TaskSubmission, site: Site, context: FieldsContext): void {
  const { executor, inputs, output } = task.fallback as Fallback;
  if (kindOf(task) !== 'executor') {
    violate(site, 'tree/invalid', {
      what: `has a fallback, but no executor whose work could fail`,
      expected: 'a fallback on the members, or a failure edge with handles: true',
    });
    return;
  }
  if ((executor === undefined) === (output === undefined) || (executor === undefined && inputs !== undefined)) {
    violate(site, 'tree/invalid', {
      what: 'has a fallback that is not one thing',
      expected: 'an executor with inputs, or an output',
    });
    return;
  }
  const reads = {
    facts: context.facts,
    refs: () => context.deliveries().map(({ ref }) => ref),
    scope: FALLBACK_SCOPE,
  };
  if (executor === undefined) checkTemplates(output ?? null, siteOf(site, 'output'), reads);
  else {
    checkOtherWork({ executor, ...(inputs === undefined ? {} : { inputs }) }, site, context);
    checkTemplates(inputs ?? {}, siteOf(site, 'inputs'), reads);
  }
}
