/** Checks the tasks that an executor adds, as a submission is checked. */
import {
  TerminalError,
  validateTree,
  type ReturnedOutcome,
  type RunState,
  type TaskDefinition,
  type TaskState,
  type TaskSubmission,
  type TaskToAdd,
  type TreeId,
  type ValidationFacts,
} from '@coppice/core';
import { copyJson } from '../json-copy.ts';
import type { Secrets } from '../secrets.ts';

/** Violations that a message names. */
const NAMED_MAX = 5;

interface AddedTasksContext {
  readonly run: RunState;
  readonly task: TaskState;
  readonly facts: ValidationFacts;
  /** Tasks that a run may have. */
  readonly tasksMax: number;
  readonly redact: Secrets['redact'];
  /** Why the owner of the tree may not have them. */
  readonly refuse?: ((userId: string, tasks: readonly TaskDefinition[]) => string | undefined) | undefined;
}

/** `given`: what the executor returned. Throws a TerminalError that lists what is wrong. */
export function addedTasks(
  given: unknown,
  { run, task, facts, tasksMax, redact, refuse }: AddedTasksContext,
): ReturnedOutcome['adding'] {
  const { executor } = task.definition;
  if (!Array.isArray(given)) throw refused(`The tasks that executor ${executor} adds are no list`);
  if (given.length > tasksMax)
    throw refused(`Executor ${executor} adds ${given.length} tasks, above the limit of ${tasksMax}`, 'tree/limit');
  if (given.length === 0) return undefined;
  const tasks = copyJson(given, redact) as unknown as readonly TaskToAdd[];
  const hasIds = tasks.some(({ id }) => id !== undefined);
  const names = new Set(tasks.map(({ id, name }) => id ?? name));
  let parent = task.definition.key;
  while (names.has(parent)) parent = `${parent}+`;
  const root: TaskSubmission = hasIds ? { id: parent, name: task.definition.name } : { name: parent };
  const below = tasks.map((each) => ({ parentId: parent, ...each }));
  const checked = validateTree(
    { tasks: [root, ...below], inputs: task.input ?? {}, variables: run.variables },
    { ...facts, treeId: parent as TreeId, names: { ...facts.names, inputs: task.input } },
  );
  if (checked.ok) {
    const [top, ...added] = checked.value.tasks;
    const reason = refuse?.(run.userId, added);
    if (reason !== undefined)
      throw refused(`The tasks that executor ${executor} adds are refused: ${reason}`, 'auth/unauthorized');
    return top === undefined ? undefined : { parent: top.id, tasks: added };
  }
  const { errors = [], message } = checked.rejection;
  const found = errors.map(({ path, reason }) => ({ path: pathOf(path), reason }));
  const named = found.slice(0, NAMED_MAX).map(({ reason }) => reason);
  const more = found.length > NAMED_MAX ? ` (and ${found.length - NAMED_MAX} more)` : '';
  const text = `The tasks that executor ${executor} adds are refused: ${named.join('; ') || message}${more}`;
  throw new TerminalError(text, { code: 'tree/invalid', data: { errors: found.slice(0, 100) } });
}

function refused(message: string, code = 'tree/invalid'): TerminalError {
  return new TerminalError(message, { code });
}

/** The root is none of the executor's tasks. */
function pathOf([field, index, ...rest]: readonly (string | number)[]): readonly (string | number)[] {
  return field === 'tasks' && typeof index === 'number' ? ['tasks', index - 1, ...rest] : [field ?? 'tasks', ...rest];
}
