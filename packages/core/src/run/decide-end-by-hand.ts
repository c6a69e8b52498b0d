/**
 * A person completes or skips a task in the place of its executor (R-SN-02). A running attempt is over, and its executor is told so;
 * what depends on the task goes on.
 *
 * A group ends together with all that is open in it, which is skipped. Failures in it are dealt with by that.
 */
import { refuse, type RefusedOutcome } from '../errors/rejection.ts';
import { inWords, isTerminal, isUnderWay } from '../task/status.ts';
import { openBelow } from './cascade.ts';
import { sparedIn } from './closing.ts';
import type { RunCommand } from './command.ts';
import type { Draft, Refusal } from './draft.ts';
import { end } from './end.ts';
import type { RunState, TaskState } from './state.ts';
import { subTree } from './tree-walk.ts';
import { unknownTask } from './unknown-task.ts';
import { writesOf } from './writes.ts';

type EndByHand = Extract<RunCommand, { readonly type: 'endByHand' }>;

export function decideEndByHand(draft: Draft, { taskId, ending, reason }: EndByHand): Refusal {
  const { run } = draft;
  const task = run.byId.get(taskId);
  if (task === undefined) return unknownTask(run, taskId);
  const refusal = refuseEnd(run, task, ending.status);
  if (refusal !== undefined) return refusal;
  const message = reason ?? (ending.status === 'completed' ? 'Completed by hand' : 'Skipped by hand');
  if (ending.status === 'skipped') {
    skipOpenBelow(draft, task, 'was skipped');
    end(draft, task, { status: 'skipped', reason: { code: 'user', message, tasks: [] } });
    return undefined;
  }
  const { output, port } = ending;
  const writes = writesOf(draft, task, { output, port });
  if (writes !== undefined && 'fault' in writes) return refuseWrites(task, writes.fault);
  skipOpenBelow(draft, task, 'was completed');
  end(draft, task, { status: 'completed', output, port, patch: writes?.patch, reason: { code: 'user', message } });
  return undefined;
}

function refuseEnd(run: RunState, task: TaskState, status: EndByHand['ending']['status']): Refusal {
  const { id, definition } = task;
  const data = { taskId: id, status: task.status };
  if (!isUnderWay(run.status) || isTerminal(task.status) || !task.selected) {
    const what = isTerminal(task.status)
      ? inWords(task.status)
      : isUnderWay(run.status)
        ? 'is no part of what the run executes'
        : `${inWords(task.status)}, and its run ${inWords(run.status)}`;
    const message = `${definition.name} (${id}) ${what}; only a task of a run that is under way, which has not ended, can be ended by hand`;
    return refuse('task/invalid-transition', message, { data });
  }
  const cleanUp = task.group === undefined ? undefined : sparedIn(subTree(task), task);
  if (cleanUp !== undefined) return refuseCleanUp(task, cleanUp);
  if (status === 'skipped' || definition.approval === undefined) return undefined;
  const message = `${definition.name} (${id}) is an approval, which only an answer completes. Use waits.answer`;
  return refuse('task/invalid-transition', message, { data });
}

/** What cleans up is promised to run, whatever becomes of its group. */
function refuseCleanUp({ id, definition, status }: TaskState, cleanUp: ReadonlySet<TaskState>): RefusedOutcome {
  const names = [...cleanUp].slice(0, 3).map((task) => `${task.definition.name} (${task.id})`);
  const message = `${definition.name} (${id}) can not be ended by hand, because ${names.join(', ')} cleans up at its end. End what is in it by hand, or cancel it`;
  return refuse('task/invalid-transition', message, { data: { taskId: id, status } });
}

function refuseWrites({ id, definition }: TaskState, { message }: { readonly message: string }): RefusedOutcome {
  const what = `${definition.name} (${id}) can not be completed with this output: ${message}`;
  const errors = [{ code: 'task/invalid-inputs' as const, path: ['output'], reason: message }];
  return refuse('task/invalid-inputs', what, { errors, data: { taskId: id } });
}

/** Skips what is open in a group that a person ends. Nothing else of the group matters any more, so `mustRun` does not count. */
function skipOpenBelow(draft: Draft, group: TaskState, what: string): void {
  if (group.group === undefined) return;
  const message = `The group ${group.definition.name} ${what} by hand`;
  for (const task of openBelow(draft.run, group)) {
    if (task !== group) end(draft, task, { status: 'skipped', reason: { code: 'user', message, tasks: [group.id] } });
  }
}
