/** Decides what becomes of a task whose time is over: of the whole task, of a group, or of a wait for a start (R-TO-05, R-TO-07). */
import type { RunCommand } from './command.ts';
import { nextDeadline } from './deadlines.ts';
import type { Draft, Refusal } from './draft.ts';
import { end } from './end.ts';
import { failScope } from './fail-scope.ts';
import { fallBack, fallbackFailed } from './fallback.ts';
import { isFallingBack } from './falling-back.ts';
import { findPause } from './pauses.ts';
import { queueTimedOut, scopeTimedOut, totalTimedOut } from './time-limit-errors.ts';

export function decideDeadline(
  draft: Draft,
  { taskId, gate }: Extract<RunCommand, { readonly type: 'deadline' }>,
): Refusal {
  const { run } = draft;
  const task = run.byId.get(taskId);
  if (task === undefined || findPause(run, task) !== undefined) return undefined;
  const deadline = nextDeadline(run, task);
  if (deadline === undefined || deadline.untilMs > draft.atMs) return undefined;
  if (deadline.kind === 'queue') {
    const error = queueTimedOut(draft, task, { ...deadline, gate });
    if (isFallingBack(task)) end(draft, task, { status: 'failed', error: fallbackFailed(task, error) });
    else fallBack(draft, task, error);
  } else if (task.group === undefined) fallBack(draft, task, totalTimedOut(draft, task, deadline));
  else {
    const error = scopeTimedOut(draft, task, deadline);
    const message = `The group ${task.definition.name} did not end within its totalTimeout`;
    failScope(draft, task, { reason: { code: 'timeout', message }, error });
  }
  return undefined;
}
