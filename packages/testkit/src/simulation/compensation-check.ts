/** Invariant 10: compensations run once each, in reverse order of completion, and only for what has completed. */
import assert from 'node:assert/strict';
import type { RunEvent, RunState, TaskId } from '@coppice/core';

export class CompensationCheck {
  /** When each task completed, as the number of the event. */
  readonly #completed = new Map<TaskId, number>();
  readonly #compensated = new Set<TaskId>();

  /** `run`: before the event. */
  apply(run: RunState, event: RunEvent): void {
    if (event.type === 'TaskCompleted') this.#completed.set(event.taskId, event.seq);
    else if (event.type === 'RunReopened') for (const id of event.data.reset) this.#forget(id);
    else if (event.type === 'TaskOpened' && event.data.closing?.compensation === true) this.#check(run, event);
  }

  #forget(id: TaskId): void {
    this.#completed.delete(id);
    this.#compensated.delete(id);
  }

  #check({ byId }: RunState, { taskId, data }: Extract<RunEvent, { readonly type: 'TaskOpened' }>): void {
    let before = Infinity;
    for (const { compensates } of data.added ?? []) {
      const original = byId.get(compensates as TaskId);
      assert.equal(original?.status, 'completed', `10: ${compensates} is compensated and has not completed`);
      const at = this.#completed.get(original.id) ?? 0;
      assert.ok(at < before, `10: ${taskId} compensates ${original.id} too late`);
      before = at;
      assert.ok(!this.#compensated.has(original.id), `10: ${original.id} is compensated twice`);
      this.#compensated.add(original.id);
    }
  }
}
