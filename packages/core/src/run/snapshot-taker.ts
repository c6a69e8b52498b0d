/**
 * Takes a snapshot of a run in pieces while the run goes on. All pieces together say what was so when it began: a task that is about to
 * change is taken down before, if its piece has not been yet.
 */
import type { TaskId } from '@coppice/extension';
import type { RunEvent } from './event.ts';
import { snapshotHead, taskSnapshot, type TaskSnapshot } from './snapshot.ts';
import type { RunState, TaskState } from './state.ts';

/** A piece ends with the task that makes it this large. */
const PIECE_TASKS = 250;
const PIECE_CHARS = 250_000;
/** Tasks that may change before their piece is taken. More of them would cost too much memory. */
const EARLY_MAX = 100_000;

export class SnapshotTaker {
  /** The run without its tasks, as JSON. */
  readonly head: string;
  /** The last event that it holds. */
  readonly seq: number;
  readonly #run: RunState;
  readonly #count: number;
  readonly #pieceTasks: number;
  #at = 0;
  /** Tasks of pieces to come that have changed since, as they were. */
  readonly #early = new Map<TaskState, TaskSnapshot>();
  #isGivenUp = false;

  /** One per run at a time, to be closed. */
  constructor(run: RunState, pieceTasks = PIECE_TASKS) {
    this.#run = run;
    this.#pieceTasks = pieceTasks;
    this.#count = run.tasks.length;
    this.head = JSON.stringify(snapshotHead(run));
    this.seq = run.seq;
    run.beforeEvent = (event) => this.#keep(event);
  }

  /** True once every task is in a piece. */
  get isWhole(): boolean {
    return this.#at === this.#count;
  }

  /** The tasks that come next, as a JSON array. Undefined: too much has changed at once, this leads to no snapshot any more. */
  next(): string | undefined {
    if (this.#isGivenUp) return undefined;
    const texts: string[] = [];
    let charCount = 0;
    while (!this.isWhole && texts.length < this.#pieceTasks && charCount < PIECE_CHARS) {
      const task = this.#run.tasks[this.#at++] as TaskState;
      const text = JSON.stringify(this.#early.get(task) ?? taskSnapshot(task));
      this.#early.delete(task);
      texts.push(text);
      charCount += text.length;
    }
    return `[${texts.join()}]`;
  }

  /** The run is free of it. Closing twice is harmless. */
  close(): void {
    this.#run.beforeEvent = undefined;
    this.#early.clear();
  }

  #keep(event: RunEvent): void {
    const tasks = this.#isGivenUp ? NONE : changedBy(this.#run, event);
    if (tasks === 'all') this.#isGivenUp = true;
    else
      for (const task of tasks) {
        if (task.index < this.#at || task.index >= this.#count || this.#early.has(task)) continue;
        this.#early.set(task, taskSnapshot(task));
      }
    if (this.#early.size > EARLY_MAX) this.#isGivenUp = true;
    if (this.#isGivenUp) this.#early.clear();
  }
}

const NONE: readonly TaskState[] = [];

/** Tasks of whose snapshot an event changes anything. */
function changedBy(run: RunState, event: RunEvent): Iterable<TaskState> | 'all' {
  switch (event.type) {
    case 'TreeCreated':
    case 'RunStarted':
    case 'RunReopened':
      return 'all';
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
      return NONE;
    case 'TasksDeleted':
      return tasksOf(run, event.data.taskIds);
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'TaskSkipped':
    case 'TaskCancelled':
      return [...tasksOf(run, [event.taskId]), ...dependentsOf(run, event), ...tasksOf(run, event.data.ready)];
    case 'TaskOpened':
    case 'TaskUpdated':
      return [...tasksOf(run, [event.taskId]), ...tasksOf(run, event.data.ready)];
    case 'TaskDelayed':
    case 'TaskDue':
    case 'TaskStarted':
    case 'CallRecorded':
    case 'TaskProgressed':
    case 'RetryScheduled':
    case 'AttemptInterrupted':
      return tasksOf(run, [event.taskId]);
  }
}

function tasksOf({ byId }: RunState, ids: readonly TaskId[] = []): TaskState[] {
  return ids.map((id) => byId.get(id)).filter((task) => task !== undefined);
}

/** Their edges settle. */
function dependentsOf({ byId }: RunState, { taskId }: RunEvent): TaskState[] {
  const outgoing = taskId === undefined ? undefined : byId.get(taskId)?.outgoing;
  return outgoing?.map(({ target }) => target) ?? [];
}
