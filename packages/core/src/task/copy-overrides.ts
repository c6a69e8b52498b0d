/** Checks the changes of single tasks that a copy asks for. */
import { checkTask, deliveriesOf } from '../validate/fields.ts';
import type { ValidationFacts } from '../validate/fields.ts';
import { siteOf, siteOfAll, violate } from '../validate/report.ts';
import type { Site } from '../validate/report.ts';
import { surroundingsOf, type Surroundings } from '../validate/surroundings.ts';
import type { TreeGraph } from '../graph/tree-graph.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopySelection } from './copy-selection.ts';
import type { CopySourceTask } from './copy-source.ts';
import { unmultiplied } from './multiplied.ts';

interface OverrideChecks {
  readonly tasks: readonly CopySourceTask[];
  readonly graph: TreeGraph;
  readonly selection: CopySelection;
  readonly options: CopyOptions;
  readonly facts: ValidationFacts;
}

/** Reports overrides of tasks that are not copied or do not run, and values that would not be allowed in a new task. */
export function checkOverrides(checks: OverrideChecks, site: Site): void {
  const { tasks, graph, selection, options, facts } = checks;
  let surroundings: Surroundings<ValidationFacts> | undefined;
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
    } else if (goesOn(checks, task, position)) {
      violate(at, 'tree/invalid', {
        what: 'would have no effect: the copy keeps the members that this task has made; override those, or copy this task itself, so that it makes them anew',
        actual: id,
      });
    } else {
      const stored = task.definition;
      surroundings ??= surroundingsOf(
        tasks.map(({ definition }) => definition),
        tasks.map((_, each) => graph.parentOf(each)),
        facts,
      );
      checkTask({ ...stored.multiplier, ...override }, () => at, {
        facts: surroundings.copied(position),
        around: surroundings.around(position),
        deliveries: () => deliveriesOf(stored),
        stored: unmultiplied(stored),
      });
    }
  }
}

/** True for a group that has made members, and keeps them in the copy. */
function goesOn(
  { graph, selection }: OverrideChecks,
  { definition, group }: CopySourceTask,
  position: number,
): boolean {
  if (selection.startsAnew(position)) return false;
  if (definition.multiplier !== undefined) return graph.childrenOf(position).length > 0;
  return group !== undefined && definition.executor !== undefined;
}
