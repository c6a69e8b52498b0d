/** The time limits that a task is under now, and what they say of it (R-TO-05). */
import {
  comesLast,
  findPause,
  isExecuting,
  isoText,
  isRunPaused,
  isTerminal,
  type RunState,
  type TaskState,
} from '@coppice/core';
import type { RunningLimit } from '../explanation.ts';

/** The limits that run for a task, the one that ends first at the beginning. What a pause has frozen does not run. */
export function limitsOf(run: RunState, task: TaskState): readonly RunningLimit[] {
  if (isTerminal(task.status)) return [];
  const limits: RunningLimit[] = [];
  const note = (limit: RunningLimit['limit'], of: TaskState, endsAtMs: number): void => {
    limits.push({ limit, taskId: of.id, name: of.definition.name, endsAtMs });
  };
  const { startedAtMs, timeoutMs } = task;
  if (isExecuting(task) && task.timeoutLimit === 'task' && startedAtMs !== undefined && timeoutMs !== undefined)
    note('task', task, startedAtMs + timeoutMs);
  const deadlines = run.deadlines?.get(task);
  if (deadlines?.queue !== undefined && findPause(run, task) === undefined)
    note('queue', task, deadlines.queue.untilMs);
  for (let at: TaskState | undefined = task; at !== undefined; at = at.parent) {
    const total = run.deadlines?.get(at)?.total;
    const isOver = at.group?.closing !== undefined;
    if (total !== undefined && !isOver && !comesLast(task, at) && findPause(run, at) === undefined)
      note(at === task && at.group === undefined ? 'total' : 'scope', at, total.untilMs);
  }
  if (run.deadlineAtMs !== undefined && !comesLast(task) && !isRunPaused(run)) note('run', run.root, run.deadlineAtMs);
  return limits.sort((a, b) => a.endsAtMs - b.endsAtMs);
}

/** `; it fails unless it has started by …`, of the limit that ends first; empty without one. */
export function limitText([first]: readonly RunningLimit[], task: TaskState): string {
  if (first === undefined) return '';
  const at = isoText(first.endsAtMs);
  switch (first.limit) {
    case 'task':
      return `; the attempt fails unless it has ended by ${at}`;
    case 'queue':
      return `; it fails unless it has started by ${at}`;
    case 'total':
      return `; it fails unless it has ended by ${at}`;
    case 'scope':
      return first.taskId === task.id
        ? `; it fails unless it has ended by ${at}`
        : `; the group ${first.name} fails unless it has ended by ${at}`;
    case 'run':
      return `; the run fails unless it has ended by ${at}`;
  }
}
