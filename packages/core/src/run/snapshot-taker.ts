/**
 * Takes a snapshot of a run in pieces while the run goes on. All pieces together hold the state at the beginning of the snapshot: before a
 * task changes, it is copied if its piece has not been taken yet.
 */
import type { TaskId } from '@coppice/extension';
import type { RunEvent } from './event.ts';
import { isDense, snapshotHead, taskSnapshot, type TaskSnapshot } from './snapshot.ts';
import type { RunState, TaskState } from './state.ts';

/** Number of tasks in one piece. */
const PIECE_TASKS = 250;
const PIECE_CHARS = 250_000;
/** Most tasks that may change before their piece is taken. Their copies need memory. */
const EARLY_MAX = 100_000;

export class SnapshotTaker {
  /** The run without its tasks, as JSON. */
  readonly head: string;
  /** Sequence number of the last event in the snapshot. */
  readonly seq: number;
  readonly #run: RunState;
  /** The tasks there were when it began. */
  readonly #tasks: readonly TaskState[];
  readonly #isDense: boolean;
  readonly #nextIndex: number;
  readonly #pieceTasks: number;
  #at = 0;
  /** Copies of tasks that have changed before their piece was taken. */
  readonly #early = new Map<TaskState, TaskSnapshot>();
  #isGivenUp = false;

  /** A run has at most one taker at a time. Whoever makes a taker closes it. */
  constructor(run: RunState, pieceTasks = PIECE_TASKS) {
    this.#run = run;
    this.#pieceTasks = pieceTasks;
    this.#tasks = run.tasks.slice();
    this.#isDense = isDense(run);
    this.#nextIndex = run.nextIndex;
    this.head = JSON.stringify(snapshotHead(run));
    this.seq = run.seq;
    run.beforeEvent = (event) => this.#keep(event);
  }

  /** True once every task is in a piece. */
  get isWhole(): boolean {
    return this.#at === this.#tasks.length;
  }

  /** Returns the next piece, as a JSON array of tasks. Undefined: too many tasks have changed, so this snapshot can not be completed. */
  next(): string | undefined {
    if (this.#isGivenUp) return undefined;
    const texts: string[] = [];
    let charCount = 0;
    while (!this.isWhole && texts.length < this.#pieceTasks && charCount < PIECE_CHARS) {
      const task = this.#tasks[this.#at++] as TaskState;
      const text = JSON.stringify(
        this.#early.get(task) ?? taskSnapshot(task, { isPlaced: this.#isDense, run: this.#run }),
      );
      this.#early.delete(task);
      texts.push(text);
      charCount += text.length;
    }
    return `[${texts.join()}]`;
  }

  /** Stops watching the run. Closing twice does no harm. */
  close(): void {
    this.#run.beforeEvent = undefined;
    this.#early.clear();
  }

  #keep(event: RunEvent): void {
    const tasks = this.#isGivenUp ? NONE : changedBy(this.#run, event);
    if (tasks === 'all') this.#isGivenUp = true;
    else
      for (const task of tasks) {
        if (!this.#isToCome(task) || this.#early.has(task)) continue;
        this.#early.set(task, taskSnapshot(task, { isPlaced: this.#isDense, run: this.#run }));
      }
    if (this.#early.size > EARLY_MAX) this.#isGivenUp = true;
    if (this.#isGivenUp) this.#early.clear();
  }

  /** True for a task that is part of the snapshot and not yet of a piece. */
  #isToCome({ index }: TaskState): boolean {
    const next = this.#tasks[this.#at];
    return next !== undefined && index >= next.index && index < this.#nextIndex;
  }
}

const NONE: readonly TaskState[] = [];

/** The tasks whose snapshot is changed by an event. */
function changedBy(run: RunState, event: RunEvent): Iterable<TaskState> | 'all' {
  switch (event.type) {
    case 'TreeCreated':
    case 'RunStarted':
    case 'RunReopened':
    case 'TaskResumed':
      return 'all';
    case 'RunCompleted':
    case 'RunFailed':
    case 'RunCancelled':
    case 'TaskPausing':
    case 'TaskPaused':
    case 'SignalReceived':
    case 'SignalRejected':
      return NONE;
    case 'TasksDeleted':
      return tasksOf(run, event.data.taskIds);
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'TaskSkipped':
    case 'TaskCancelled':
      return [...tasksOf(run, [event.taskId]), ...dependentsOf(run, event), ...tasksOf(run, event.data.ready)];
    case 'TaskOpened':
      return tasksOf(run, [event.taskId, ...(event.data.removed ?? []), ...(event.data.ready ?? [])]);
    case 'TaskUpdated':
      return [...tasksOf(run, [event.taskId]), ...tasksOf(run, event.data.ready)];
    case 'TaskDelayed':
    case 'TaskDue':
    case 'WaitStarted':
    case 'WaitReminded':
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

/** The dependents of the event's task, because the event settles their edges. */
function dependentsOf({ byId }: RunState, { taskId }: RunEvent): TaskState[] {
  const outgoing = taskId === undefined ? undefined : byId.get(taskId)?.outgoing;
  return outgoing?.map(({ target }) => target) ?? [];
}
