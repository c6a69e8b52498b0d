/** Sources for copy tests: generated trees with any mix of outcomes, and small trees by hand. */
import type { TaskId, TreeId } from '@coppice/extension';
import { treeSubmissions } from '@coppice/testkit';
import * as fc from 'fast-check';
import { definitionOf, testContext } from '../validate/validation.fixture.ts';
import { copyTree } from './copy.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopySource, CopySourceTask } from './copy-source.ts';
import type { TaskStatus } from './status.ts';
import type { TaskSubmission } from './submission.ts';
import type { TaskDefinition, TreeDefinition } from './task.ts';

export const copyContext = { ...testContext, treeId: 'copy' as TreeId };

/** A task as it stands after a run in which it ended so. */
export function ended(definition: TaskDefinition, status: TaskStatus): CopySourceTask {
  const hasRun = status === 'completed' || status === 'failed' || status === 'running' || status === 'waiting';
  return {
    definition,
    status,
    attempt: hasRun && definition.executor !== undefined ? 1 : 0,
    input: hasRun ? { resolved: definition.key } : undefined,
    output: status === 'completed' && definition.executor !== undefined ? `result of ${definition.key}` : null,
    error: status === 'failed' ? { code: 'x', message: 'x', retryable: true } : undefined,
    startedAtMs: hasRun ? 1000 : undefined,
    endedAtMs: hasRun ? 2000 : undefined,
    reused: false,
  };
}

/** A stored tree; tasks that are not named have completed. */
export function sourceOf(
  tasks: readonly TaskSubmission[],
  statuses: Readonly<Record<string, TaskStatus>> = {},
): CopySource {
  const tree = definitionOf(tasks);
  return { ...tree, tasks: tree.tasks.map((task) => ended(task, statuses[task.key] ?? 'completed')) };
}

/** What a copy becomes before it has run. */
export function sourceOfCopy(copy: TreeDefinition): CopySource {
  return {
    ...copy,
    tasks: copy.tasks.map((definition) => {
      const { settled } = definition;
      return settled === undefined ? ended(definition, 'pending') : { ...settled, definition };
    }),
  };
}

/** A generated tree with a task of it to copy. */
export const anySources: fc.Arbitrary<{ readonly source: CopySource; readonly taskId: TaskId }> = fc
  .record({
    submission: treeSubmissions({ maxTasks: 14, mode: 'id' }),
    statuses: fc.array(
      fc.constantFrom<TaskStatus[]>(
        'completed',
        'completed',
        'completed',
        'failed',
        'skipped',
        'pending',
        'cancelled',
        'running',
      ),
      { minLength: 14, maxLength: 14 },
    ),
    pick: fc.nat(),
  })
  .map(({ submission, statuses, pick }) => {
    const tree = definitionOf(submission.tasks);
    const tasks = tree.tasks.map((task, index) => ended(task, statuses[index] ?? 'completed'));
    return { source: { ...tree, tasks }, taskId: tree.tasks[pick % tree.tasks.length]!.id };
  });

export function copyOf(source: CopySource, taskId: string, options: CopyOptions = {}): TreeDefinition {
  const outcome = copyTree(source, taskId as TaskId, { options, context: copyContext });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.rejection, undefined, 2));
  return outcome.value;
}

/** The shape of a copy: key, parent, dependencies and whether it is settled, by keys. */
export function shapeOf(tree: TreeDefinition): readonly string[] {
  const keys = new Map(tree.tasks.map(({ id, key }) => [id, key]));
  return tree.tasks.map(({ key, parentId, dependencies, settled }) => {
    const parent = parentId === undefined ? '' : ` in ${keys.get(parentId) ?? '?'}`;
    const after =
      dependencies.length === 0 ? '' : ` after ${dependencies.map(({ task }) => keys.get(task) ?? '?').join(',')}`;
    return `${key}${parent}${after}${settled === undefined ? '' : ` (${settled.status})`}`;
  });
}
