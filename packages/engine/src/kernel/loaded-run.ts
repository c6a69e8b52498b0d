/** A run in memory: its state, its events that are not yet durable, its attempts and its timers. */
import {
  isUnderWay,
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

/** Why a run was dropped from memory although events of it were not yet durable. */
export interface DropReason {
  readonly code: RefusedPart['code'] | 'engine/fault' | 'engine/deleted';
  readonly message: string;
}

/** The events and tasks of a run that an append takes. */
export interface StagedPart {
  readonly events: readonly RunEvent[];
  /** Tasks whose rows change. Each is listed once. */
  readonly changed: readonly TaskState[];
}

/** The shared empty lists. Nobody pushes to them: the first element comes in a new list. */
const NO_EVENTS: RunEvent[] = [];
const NO_TASKS: TaskState[] = [];

export class LoadedRun {
  readonly treeId: TreeId;
  readonly state: RunState;
  /** Events that were decided and folded into the state, and are not in an append yet. */
  #staged = NO_EVENTS;
  /** Tasks whose rows are changed by staged events. Each is listed once. */
  #changed = NO_TASKS;
  /** Number of the next append. Tasks in `#changed` are marked with it. */
  #appendNo = 1;
  /** True while an append with events of the run is under way. */
  #isAppending = false;
  #durableSeq: number;
  #snapshotSeq = 0;
  /** By position of the task. In a map, whose entries come and go with each attempt, the table would be made anew every few attempts. */
  readonly #attempts: (RunningAttempt | undefined)[] = [];
  #attemptCount = 0;
  #timers: Map<TaskId, Timer> | undefined;
  /** Timer of the run's budget. */
  #deadline: Timer | undefined;
  /** Timers of limits of whole tasks and of their waits for a start. */
  #limits: Map<TaskId, Timer> | undefined;
  /** Timers of pauses, by the task that is paused. */
  #drains: Map<TaskId, Timer> | undefined;
  #isResumed = false;
  #drops = 0;
  #dropped: DropReason | undefined;
  #waiters: Waiter[] | undefined;

  /** `durableSeq`: number of the last event in `state` that is durable. */
  constructor(state: RunState, durableSeq: number) {
    this.treeId = state.treeId;
    this.state = state;
    this.#durableSeq = durableSeq;
  }

  /** Puts decided events into the next append. True when they are the first since the last append. */
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

  /** Passes the staged events to an append. Later decisions change neither the events nor the rows of this append. */
  takeStaged(): StagedPart {
    const taken = { events: this.#staged, changed: this.#changed };
    this.#staged = NO_EVENTS;
    this.#changed = NO_TASKS;
    this.#isAppending = true;
    this.#appendNo++;
    return taken;
  }

  /** Notes that the append has succeeded: its events are durable. */
  appended({ events }: StagedPart): void {
    this.#isAppending = false;
    this.#durableSeq = (events[events.length - 1] as RunEvent).seq;
  }

  /** Puts the events of a failed append back, before the events that came since. True when no events came since. */
  appendFailed({ events, changed }: StagedPart): boolean {
    this.#isAppending = false;
    if (this.#dropped !== undefined) return false;
    const isFirst = this.#staged.length === 0;
    this.#staged = [...events, ...this.#staged];
    for (const task of changed) this.markChanged(task);
    return isFirst;
  }

  /** Notes that the store refused the run's part of the append: none of its events is durable. */
  appendRefused(): void {
    this.#isAppending = false;
  }

  /** Gives up the staged events, and returns them. */
  giveUpStaged(): readonly RunEvent[] {
    const staged = this.#staged;
    this.#staged = NO_EVENTS;
    return staged;
  }

  /** Sequence number of the last durable event. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** True when all decided events are durable. */
  get isDurable(): boolean {
    return this.#staged.length === 0 && !this.#isAppending;
  }

  /** True while the run can still change without a command from outside. */
  get isActive(): boolean {
    return isUnderWay(this.state.status) || !this.isDurable || this.#attemptCount > 0;
  }

  /** True from the start of the run until its end is durable. */
  get isUnderWay(): boolean {
    return isUnderWay(this.state.status) || !this.isDurable;
  }

  /** Durable events since the newest snapshot. */
  get eventsSinceSnapshot(): number {
    return this.#durableSeq - this.#snapshotSeq;
  }

  /** Notes that a snapshot of all durable events is being saved. */
  noteSnapshot(): void {
    this.#snapshotSeq = this.#durableSeq;
  }

  /** Notes that the run goes on by itself: ready tasks are in queues and waiting tasks have timers. True at the first call. */
  resume(): boolean {
    const isFirst = !this.#isResumed;
    this.#isResumed = true;
    return isFirst;
  }

  /** Attempts whose executor was called and has not returned. */
  get attempts(): readonly RunningAttempt[] {
    return this.#attempts.filter((attempt) => attempt !== undefined);
  }

  get hasAttempts(): boolean {
    return this.#attemptCount > 0;
  }

  findAttempt(task: TaskState): RunningAttempt | undefined {
    return this.#attempts[task.index];
  }

  addAttempt(attempt: RunningAttempt): void {
    const { index } = attempt.task;
    if (this.#attempts[index] === undefined) this.#attemptCount++;
    this.#attempts[index] = attempt;
  }

  /** Removes an attempt whose executor has returned. A later attempt of the same task stays. */
  removeAttempt(attempt: RunningAttempt): void {
    const { index } = attempt.task;
    if (this.#attempts[index] !== attempt) return;
    this.#attempts[index] = undefined;
    this.#attemptCount--;
  }

  /** Sets the timer of a waiting task, or of an attempt with a time limit. */
  setTimer(taskId: TaskId, timer: Timer): void {
    (this.#timers ??= new Map()).set(taskId, timer);
  }

  /** Removes and returns the timer of a task. */
  takeTimer(taskId: TaskId): Timer | undefined {
    const timer = this.#timers?.get(taskId);
    if (timer !== undefined) this.#timers?.delete(taskId);
    return timer;
  }

  /** Sets the timer of the run's budget, and returns the former one. */
  replaceDeadline(timer: Timer | undefined): Timer | undefined {
    const former = this.#deadline;
    this.#deadline = timer;
    return former;
  }

  /** True when a timer of a task's own limits may be set. */
  get hasLimits(): boolean {
    return this.#limits !== undefined;
  }

  /** Sets the timer of a task's own limits, and returns the former one. */
  replaceLimit(taskId: TaskId, timer: Timer | undefined): Timer | undefined {
    const former = this.#limits?.get(taskId);
    if (timer !== undefined) (this.#limits ??= new Map()).set(taskId, timer);
    else if (former !== undefined) this.#limits?.delete(taskId);
    return former;
  }

  /** Sets the timer that releases what a pause of the task waits for, and returns the former one. */
  replaceDrain(taskId: TaskId, timer: Timer | undefined): Timer | undefined {
    const former = this.#drains?.get(taskId);
    if (timer !== undefined) (this.#drains ??= new Map()).set(taskId, timer);
    else this.#drains?.delete(taskId);
    return former;
  }

  /** Removes and returns all timers. */
  takeTimers(): readonly Timer[] {
    const deadline = this.replaceDeadline(undefined);
    const timers = [this.#timers, this.#limits, this.#drains].flatMap((some) => [...(some?.values() ?? [])]);
    this.#timers = undefined;
    this.#limits = undefined;
    this.#drains = undefined;
    return deadline === undefined ? timers : [...timers, deadline];
  }

  /** Set when the run was dropped: its events that were not durable never happened, and nothing is decided on this object any more. */
  get dropped(): DropReason | undefined {
    return this.#dropped;
  }

  /** Marks the run as dropped; false when it already was. */
  drop(dropped: DropReason): boolean {
    if (this.#dropped !== undefined) return false;
    this.#dropped = dropped;
    return true;
  }

  /** Number of times in a row that the run was dropped and loaded again. The durable end of a task sets it to 0. */
  get drops(): number {
    return this.#drops;
  }

  /** Notes that the end of a task is durable. */
  advance(): void {
    this.#drops = 0;
  }

  /** Takes the place of a run that was dropped for the `drops`th time in a row, and the waiters of that run. */
  succeed(former: LoadedRun, drops: number): void {
    this.#drops = drops;
    this.#waiters = former.#takeWaiters();
  }

  /** Resolves when the end of the run is durable. Rejects when the engine fails. */
  ended(): Promise<RunStatus> {
    return new Promise((resolve, reject) => (this.#waiters ??= []).push({ resolve, reject }));
  }

  /** Tells the end of the run to whoever waits for it. */
  tellEnded(status: RunStatus): void {
    for (const { resolve } of this.#takeWaiters()) resolve(status);
  }

  /** Tells whoever waits for the end of the run that it will not come. */
  tellFailed(error: unknown): void {
    for (const { reject } of this.#takeWaiters()) reject(error);
  }

  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters ?? [];
    this.#waiters = undefined;
    return waiters;
  }
}
