/** Checks what a copy is asked to change on single tasks. */
import { checkFields } from '../validate/fields.ts';
import type { ValidationFacts } from '../validate/fields.ts';
import { checkKind, PRIORITY_OF_GROUP } from '../validate/kind.ts';
import { siteOf, siteOfAll, violate } from '../validate/report.ts';
import type { Site } from '../validate/report.ts';
import type { TreeGraph } from '../validate/tree-graph.ts';
import type { CopyOptions, CopyOverride } from './copy-options.ts';
import type { CopySelection } from './copy-selection.ts';
import type { CopySourceTask } from './copy-source.ts';
import { isGroup } from './kind.ts';

interface OverrideChecks {
  readonly tasks: readonly CopySourceTask[];
  readonly graph: TreeGraph;
  readonly selection: CopySelection;
  readonly options: CopyOptions;
  readonly facts: ValidationFacts;
}

/** Reports overrides of tasks that are not copied or do not run, and values that the tasks could not have been created with. */
export function checkOverrides(checks: OverrideChecks, site: Site): void {
  const { tasks, graph, selection, options, facts } = checks;
  for (const [id, override] of Object.entries(options.overrides ?? {})) {
    const at = siteOf(siteOfAll(`The override of '${id}'`, site.report), 'overrides', id);
    const position = graph.find(id);
    const task = position === undefined ? undefined : tasks[position];
    if (position === undefined || task === undefined || !selection.has(position)) {
      violate(at, 'tree/invalid', {
        what: 'is for a task that is not in the copy',
        expected: 'the id of a copied task',
        actual: id,
      });
    } else if (!selection.runs(position)) {
      violate(at, 'tree/invalid', {
        what: 'would have no effect: the copy reuses the recorded result of this task; copy it, or a task that it depends on',
        actual: id,
      });
    } else {
      checkOverride({ task, override, facts }, at);
    }
  }
}

function checkOverride(
  {
    task,
    override,
    facts,
  }: { readonly task: CopySourceTask; readonly override: CopyOverride; readonly facts: ValidationFacts },
  site: Site,
): void {
  const { definition } = task;
  const { priority, policies } = override;
  if (override.executor !== undefined && isGroup(definition)) {
    violate(siteOf(site, 'executor'), 'tree/invalid', {
      what: 'gives an executor to a group',
      actual: override.executor,
    });
    return;
  }
  const deliveries = () => definition.dependencies.map(({ ref, into }) => ({ ref, key: into ?? ref }));
  const isWorkChanged = override.executor !== undefined || override.inputs !== undefined;
  const work = isWorkChanged
    ? { executor: override.executor ?? definition.executor, inputs: override.inputs ?? definition.inputs }
    : {};
  const { capabilities } = definition;
  checkFields({ ...work, priority, policies, capabilities }, () => site, { facts, deliveries });
  checkKind({ policies }, isGroup(definition), () => site);
  if (priority !== undefined && isGroup(definition))
    violate(siteOf(site, 'priority'), 'tree/invalid', PRIORITY_OF_GROUP);
}
