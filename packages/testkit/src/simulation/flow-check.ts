/** What must hold of a tree that grows, waits and shares, checked event by event against the states before and after each. */
import assert from 'node:assert/strict';
import {
  growthOf,
  isTaskEnd,
  isTerminal,
  rollUpsOf,
  watchRollUps,
  type EventOf,
  type JsonObject,
  type RunEvent,
  type RunState,
  type TaskId,
  type TaskState,
} from '@coppice/core';

/** Events by which a task begins to do anything. */
const BEGINNINGS: ReadonlySet<RunEvent['type']> = new Set([
  'TaskStarted',
  'TaskOpened',
  'WaitStarted',
  'TaskDelayed',
  'TaskDue',
]);

/** The variable of which each write is a number that counts once. */
const TOTAL = 'total';

export class FlowCheck {
  /** Tasks that have ended since the run was opened. */
  readonly #ended = new Set<TaskId>();
  /** Those among them that were cancelled with everything below. */
  readonly #stopped = new Set<TaskState>();
  /** What each task has added to the variable `total`. */
  readonly #written = new Map<TaskId, number>();
  /** The same of what was written inside of a group before the members that it has. */
  readonly #before = new Map<TaskId, number>();

  /** The event is the first of its log, and this the state after it. */
  constructor(run: RunState) {
    watchRollUps(run);
    this.#collect(run);
    for (const { id, definition } of run.tasks) {
      note(this.#written, id, definition.settled?.patch);
      note(this.#before, id, definition.settled?.left);
    }
  }

  before(run: RunState, event: RunEvent): void {
    // A root that is no group stands for the run when its clean-up begins.
    const isClosing = event.type === 'TaskOpened' && event.data.closing !== undefined;
    if (event.taskId !== undefined && BEGINNINGS.has(event.type) && !isClosing) this.#checkBeginning(run, event);
    if (event.type === 'TaskOpened' && event.data.closing === undefined) checkItems(run, event);
    if (isTaskEnd(event)) {
      assert.ok(!this.#ended.has(event.taskId), `${event.type}: ${event.taskId} has ended before`);
      this.#ended.add(event.taskId);
    }
    if (event.type === 'TaskCompleted') note(this.#written, event.taskId, event.data.patch);
    if (event.type === 'TaskOpened') note(this.#before, event.taskId, event.data.left ?? event.data.outcome?.patch);
  }

  after(run: RunState, event: RunEvent): void {
    const task = event.type === 'TaskCancelled' ? run.byId.get(event.taskId) : undefined;
    if (task !== undefined && isStop(task)) this.#stopped.add(task);
    if (event.type === 'RunReopened') {
      this.#stopped.clear();
      this.#collect(run);
      for (const id of event.data.reset) {
        this.#written.delete(id);
        // A group that goes on with its members keeps what was written before them.
        if (run.byId.get(id)?.group?.members.length === 0 || run.byId.get(id)?.group === undefined)
          this.#before.delete(id);
      }
    }
    const left = event.type === 'TasksDeleted' ? event.data.taskIds : growthOf(event)?.removed;
    for (const id of left ?? []) {
      this.#written.delete(id);
      this.#before.delete(id);
    }
    if (event.type === 'RunCompleted' || event.type === 'RunFailed' || event.type === 'RunCancelled')
      this.#checkResult(run);
  }

  /** Compares what is kept while the run goes on with what is counted from scratch. */
  checkCounts(run: RunState): void {
    const counted: Record<string, number> = {};
    for (const { status, selected, definition } of run.tasks) {
      // What undoes the work of a run is no part of its progress.
      if (selected && definition.compensates === undefined) counted[status] = (counted[status] ?? 0) + 1;
    }
    for (const [status, count] of Object.entries(run.counts))
      assert.equal(count, counted[status] ?? 0, `2: of ${run.treeId} so many tasks are ${status}`);
    const kept = watchRollUps(run);
    for (const [task, counts] of rollUpsOf(run))
      assert.deepEqual(kept.get(task), counts, `R-PR-07: the counts below ${task.id} are those of its tasks`);
  }

  #collect(run: RunState): void {
    this.#ended.clear();
    for (const { id, status } of run.tasks) if (isTerminal(status)) this.#ended.add(id);
  }

  /** What has ended does not begin again, and nothing begins below what was cancelled, whatever timer, loop or signal fires. */
  #checkBeginning(run: RunState, event: RunEvent): void {
    const { type, taskId } = event;
    // A root that is no group stands for the run, which goes on without it.
    if (event.type === 'TaskOpened' && event.data.closing !== undefined) return;
    assert.ok(!this.#ended.has(taskId as TaskId), `${type}: ${taskId} has ended, and nobody has opened it again`);
    for (let at = run.byId.get(taskId as TaskId); at !== undefined; at = at.parent)
      assert.ok(!this.#stopped.has(at), `R-TO-06: ${type} of ${taskId} follows the cancellation of ${at.id}`);
  }

  /** R-SC-06: each write counts once, whatever the way to it. */
  #checkResult({ result, variables, merges, treeId }: RunState): void {
    if (merges?.[TOTAL] !== 'sum' || result?.variables === undefined) return;
    const writes = [...this.#written.values(), ...this.#before.values()];
    const total = writes.reduce((sum, each) => sum + each, variables[TOTAL] as number);
    assert.equal(result.variables[TOTAL], total, `R-SC-06: the variable ${TOTAL} of ${treeId} holds each write once`);
  }
}

function note(written: Map<TaskId, number>, taskId: TaskId, patch: JsonObject | undefined): void {
  const number = patch?.[TOTAL];
  if (typeof number === 'number') written.set(taskId, number);
}

/** What a race or a failure stops is a task alone, unless it is a group. */
function isStop({ reason, group }: TaskState): boolean {
  return group !== undefined || reason?.code === 'user';
}

/** Copies come in the order of their items; a repetition makes one at a time, when the former one has ended. */
function checkItems(run: RunState, { taskId, data }: EventOf<'TaskOpened'>): void {
  const group = run.byId.get(taskId) as TaskState;
  const { multiplier } = group.definition;
  // What comes with the end of a group are no copies.
  if (multiplier === undefined || data.closing !== undefined) return;
  const copies = (data.added ?? []).filter(({ parentId }) => parentId === taskId);
  const indexes = copies.map(({ given }) => given?.values['index'] as number);
  const former = group.group?.members.at(-1);
  if (multiplier.repeat !== undefined) {
    assert.ok(copies.length <= 1, `${taskId} repeats more than one at once`);
    if (copies.length === 0 || former === undefined) return;
    assert.ok(isTerminal(former.status), `${taskId} goes on while ${former.id} is ${former.status}`);
    assert.equal(indexes[0], (former.definition.given?.values['index'] as number) + 1, `${taskId} repeats in order`);
    return;
  }
  assert.deepEqual(indexes, [...indexes.keys()], `the copies of ${taskId} are in the order of their items`);
  const { forEach, as = 'item' } = multiplier;
  if (!Array.isArray(forEach) || copies.length === 0) return;
  assert.deepEqual(
    copies.map(({ given }) => given?.values[as]),
    forEach,
    `${taskId} has a copy for each item`,
  );
}
