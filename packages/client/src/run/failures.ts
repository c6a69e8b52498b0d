/** The failures of a run as people ask for them. */
import { isGroup } from './kind.ts';
import type { Compensation, RunView, TaskView, ToleratedFailures } from './run-view.ts';

/** Tasks whose own failure nobody dealt with, the first that failed first. That of a group is mostly one of its members'. */
export function unhandledFailures(view: RunView): readonly TaskView[] {
  return [...view.tasks.values()]
    .filter((task) => isOwnFailure(task) && !isTolerated(task))
    .sort((a, b) => (a.endedSeq ?? 0) - (b.endedSeq ?? 0));
}

function isOwnFailure({ status, definition, error }: TaskView): boolean {
  if (definition.compensates !== undefined) return false;
  return (
    status === 'failed' && (!isGroup(definition) || (error?.code !== 'group/failed' && error?.code !== 'run/fatal'))
  );
}

/** The failure of the task, or of a group around it, is allowed or handled. */
function isTolerated(task: TaskView): boolean {
  if (task.error?.fatal === true) return false;
  for (let at: TaskView | undefined = task; at !== undefined; at = at.parent) {
    if (at.isHandled && (at === task || isGroup(at.definition))) return true;
  }
  return false;
}

/** `allowed` or `handled`; empty for a failure that nobody tolerates, and for what did not fail. */
export function tolerationText({ status, isHandled, definition }: TaskView): string {
  if (status !== 'failed' || !isHandled || definition.compensates !== undefined) return '';
  return definition.allowFailure ? 'allowed' : 'handled';
}

/** `3 tasks were compensated`, or which of the compensations did not complete; names are as they were given. */
export function compensationText({ result, tasks, failures }: Compensation): string {
  const count = tasks === 1 ? '1 task was' : `${tasks} tasks were`;
  if (result === 'complete') return `${count} compensated`;
  const named = failures.slice(0, 3).map(({ name, error }) => `${name} (${error.message})`);
  const more = failures.length > named.length ? ` and ${failures.length - named.length} more` : '';
  return `Compensation is partial, undo the rest by hand: ${named.join(', ')}${more}`;
}

/** `2 failures did not fail the run: fetch (allowed), test (handled by Mender)`; names are as they were given. */
export function toleratedText({ handled, allowed, first }: ToleratedFailures): string {
  const total = handled + allowed;
  const named = first.map(({ taskId, name, how, by }) => {
    if (how === 'handled') return `${name} (handled by ${by.name})`;
    return `${name} (${by.taskId === taskId ? 'allowed' : `allowed by ${by.name}`})`;
  });
  const more = total > named.length ? ` and ${total - named.length} more` : '';
  return `${total === 1 ? 'A failure' : `${total} failures`} did not fail the run: ${named.join(', ')}${more}`;
}
