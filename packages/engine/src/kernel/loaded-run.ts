/** A run in memory: its state, what is decided but not yet durable, and what hangs on it. */
import {
  isRunTerminal,
  type RefusedPart,
  type RunEvent,
  type RunState,
  type RunStatus,
  type TaskId,
  type TaskState,
  type TreeId,
} from '@coppice/core';
import type { Timer } from '../timers.ts';
import type { RunningAttempt } from './attempt.ts';

interface Waiter {
  readonly resolve: (status: RunStatus) => void;
  readonly reject: (error: unknown) => void;
}

/** Why a run was taken out of memory while something was decided on it. */
export interface Dropped {
  readonly code: RefusedPart['code'] | 'engine/fault' | 'engine/deleted';
  readonly message: string;
}

/** What an append takes of a run. */
export interface Staged {
  readonly events: readonly RunEvent[];
  /** Tasks whose rows change, each once. */
  readonly changed: readonly TaskState[];
}

/** Never pushed to: replaced by the first that comes. */
const NO_EVENTS: RunEvent[] = [];
const NO_TASKS: TaskState[] = [];

export class LoadedRun {
  readonly treeId: TreeId;
  readonly state: RunState;
  /** Decided, folded in, not yet in an append. */
  #staged = NO_EVENTS;
  /** Tasks whose rows are changed by staged events, each once. */
  #changed = NO_TASKS;
  /** Number of the append to come; tasks in `#changed` are marked with it. */
  #appendNo = 1;
  /** Events of the run are in the append that is under way. */
  #isAppending = false;
  #durableSeq: number;
  #snapshotSeq = 0;
  readonly #attempts = new Map<TaskId, RunningAttempt>();
  #timers: Map<TaskId, Timer> | undefined;
  /** Timer of the run's budget. */
  #deadline: Timer | undefined;
  #isResumed = false;
  #drops = 0;
  #dropped: Dropped | undefined;
  #waiters: Waiter[] | undefined;

  /** `durableSeq`: number of the last event in `state` that is durable. */
  constructor(state: RunState, durableSeq: number) {
    this.treeId = state.treeId;
    this.state = state;
    this.#durableSeq = durableSeq;
  }

  /** Decided events are part of the next append; true when they are the first since the last append. */
  stage(events: readonly RunEvent[]): boolean {
    const isFirst = this.#staged.length === 0;
    if (isFirst) this.#staged = [...events];
    else for (const event of events) this.#staged.push(event);
    return isFirst;
  }

  /** Notes that the task's row has to be written. */
  markChanged(task: TaskState): void {
    if (task.mark === this.#appendNo) return;
    task.mark = this.#appendNo;
    if (this.#changed.length === 0) this.#changed = [task];
    else this.#changed.push(task);
  }

  /** Gives what is staged to an append. What is decided while it is under way changes neither its events nor its rows. */
  takeStaged(): Staged {
    const taken = { events: this.#staged, changed: this.#changed };
    this.#staged = NO_EVENTS;
    this.#changed = NO_TASKS;
    this.#isAppending = true;
    this.#appendNo++;
    return taken;
  }

  /** The append has succeeded: its events are durable. */
  appended({ events }: Staged): void {
    this.#isAppending = false;
    this.#durableSeq = (events[events.length - 1] as RunEvent).seq;
  }

  /** The append has failed and is tried again, with what came since; true when nothing has. */
  appendFailed({ events, changed }: Staged): boolean {
    this.#isAppending = false;
    if (this.#dropped !== undefined) return false;
    const isFirst = this.#staged.length === 0;
    this.#staged = [...events, ...this.#staged];
    for (const task of changed) this.markChanged(task);
    return isFirst;
  }

  /** The store refused the part of the run: nothing of it is durable. */
  appendRefused(): void {
    this.#isAppending = false;
  }

  /** Gives up what is staged, and answers it. */
  giveUpStaged(): readonly RunEvent[] {
    const staged = this.#staged;
    this.#staged = NO_EVENTS;
    return staged;
  }

  /** Sequence number of the last durable event. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** True when all that was decided is durable. */
  get isDurable(): boolean {
    return this.#staged.length === 0 && !this.#isAppending;
  }

  /** True while anything can still happen to the run without a command from outside. */
  get isActive(): boolean {
    const { status } = this.state;
    return (
      status === 'running' || status === 'pausing' || status === 'paused' || !this.isDurable || this.#attempts.size > 0
    );
  }

  /** A run whose end is decided but not durable is still under way. */
  get isUnderWay(): boolean {
    const { status } = this.state;
    return (status !== 'created' && !isRunTerminal(status)) || !this.isDurable;
  }

  /** Durable events since the newest snapshot. */
  get eventsSinceSnapshot(): number {
    return this.#durableSeq - this.#snapshotSeq;
  }

  /** A snapshot of what is durable is being saved. */
  noteSnapshot(): void {
    this.#snapshotSeq = this.#durableSeq;
  }

  /** True the first time: from then on it goes on by itself, what is ready is in a queue and what waits has its timer. */
  resume(): boolean {
    const isFirst = !this.#isResumed;
    this.#isResumed = true;
    return isFirst;
  }

  /** Attempts whose executor has been called and has not let go. */
  get attempts(): Iterable<RunningAttempt> {
    return this.#attempts.values();
  }

  get hasAttempts(): boolean {
    return this.#attempts.size > 0;
  }

  findAttempt(taskId: TaskId): RunningAttempt | undefined {
    return this.#attempts.get(taskId);
  }

  addAttempt(attempt: RunningAttempt): void {
    this.#attempts.set(attempt.taskId, attempt);
  }

  /** Its executor has let go. A later attempt of the task stays. */
  removeAttempt(attempt: RunningAttempt): void {
    if (this.#attempts.get(attempt.taskId) === attempt) this.#attempts.delete(attempt.taskId);
  }

  /** Timer of a waiting task, or of a limited attempt. */
  setTimer(taskId: TaskId, timer: Timer): void {
    (this.#timers ??= new Map()).set(taskId, timer);
  }

  /** The timer of the task, which is no longer the run's. */
  takeTimer(taskId: TaskId): Timer | undefined {
    const timer = this.#timers?.get(taskId);
    if (timer !== undefined) this.#timers?.delete(taskId);
    return timer;
  }

  /** Sets the timer of the run's budget, and answers the former one. */
  replaceDeadline(timer: Timer | undefined): Timer | undefined {
    const former = this.#deadline;
    this.#deadline = timer;
    return former;
  }

  /** All timers, which are no longer the run's. */
  takeTimers(): readonly Timer[] {
    const deadline = this.replaceDeadline(undefined);
    const timers = [...(this.#timers?.values() ?? [])];
    this.#timers = undefined;
    return deadline === undefined ? timers : [...timers, deadline];
  }

  /** Set when the run was taken out: what was decided and not durable never happened, and nothing is decided on this any more. */
  get dropped(): Dropped | undefined {
    return this.#dropped;
  }

  /** Takes the run out; false when it is out already. */
  drop(dropped: Dropped): boolean {
    if (this.#dropped !== undefined) return false;
    this.#dropped = dropped;
    return true;
  }

  /** How often in a row the run was dropped and loaded again without the end of a task becoming durable in between. */
  get drops(): number {
    return this.#drops;
  }

  /** The end of a task is durable. */
  advance(): void {
    this.#drops = 0;
  }

  /** Takes the place of a run that was dropped, for the `drops`th time in a row. */
  succeed(former: LoadedRun, drops: number): void {
    this.#drops = drops;
    this.#waiters = former.#takeWaiters();
  }

  /** Resolves when the run has ended and that is durable; rejects when the engine fails. */
  ended(): Promise<RunStatus> {
    return new Promise((resolve, reject) => (this.#waiters ??= []).push({ resolve, reject }));
  }

  /** Answers whoever waits for the end. */
  tellEnded(status: RunStatus): void {
    for (const { resolve } of this.#takeWaiters()) resolve(status);
  }

  /** Tells whoever waits for the end that it will not come. */
  tellFailed(error: unknown): void {
    for (const { reject } of this.#takeWaiters()) reject(error);
  }

  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters ?? [];
    this.#waiters = undefined;
    return waiters;
  }
}
