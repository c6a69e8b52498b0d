/** What must hold of time limits and of failures that end a run, checked event by event against the state before each. */
import assert from 'node:assert/strict';
import { comesLast, nextDeadline, type RunEvent, type RunState, type TaskState } from '@coppice/core';

export class TimeLimitCheck {
  /** The task whose failure has ended the run; undefined: none has. */
  #endedBy: string | undefined;

  /** `run`: before the event. */
  apply(run: RunState, event: RunEvent): void {
    const task = event.taskId === undefined ? undefined : run.byId.get(event.taskId);
    if (event.type === 'RunReopened') this.#endedBy = undefined;
    if (event.type === 'RunCompleted')
      assert.equal(this.#endedBy, undefined, `R-RT-06: ${this.#endedBy} ended the run, and it completed`);
    if (task === undefined) return;
    if (event.type === 'TaskStarted' && this.#endedBy !== undefined)
      assert.ok(comesLast(task), `R-RT-06: ${task.id} starts although ${this.#endedBy} ended the run`);
    if (event.type !== 'TaskFailed' && event.type !== 'RetryScheduled') return;
    const { error } = event.data;
    if (error.code === 'timeout/total' || error.code === 'timeout/queue') checkTime(run, task, event);
    if (event.type === 'TaskFailed' && error.fatal === true && task.group === undefined) {
      assert.ok(!event.data.handled || comesLast(task), `R-RT-06: nobody handles the failure of ${task.id}`);
      this.#endedBy = task.id;
    }
  }
}

/** R-TO-05: no limit fires early, whatever pauses and crashes there were. */
function checkTime(run: RunState, task: TaskState, { type, atMs }: RunEvent): void {
  const untilMs = nextDeadline(run, task)?.untilMs;
  assert.ok(untilMs !== undefined && untilMs <= atMs, `R-TO-05: ${type} of ${task.id} at ${atMs}, before ${untilMs}`);
}
