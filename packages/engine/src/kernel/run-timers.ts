/** The timers of runs: for waiting tasks, limits of attempts, missing heartbeats, and budgets of runs. A due timer becomes a command. */
import {
  findPause,
  isRunPaused,
  nextDeadline,
  policyOf,
  subTree,
  type Clock,
  type RunCommand,
  type TaskId,
  type TaskState,
  wakeAtMs,
} from '@coppice/core';
import { Timers, type Timer } from '../timers.ts';
import type { RunningAttempt } from './attempt.ts';
import type { LoadedRun } from './loaded-run.ts';
import type { Turn } from './turn.ts';

/** The gate that keeps a ready task from starting; undefined: none does, or it is not known. */
export type FullGate = (loadedRun: LoadedRun, task: TaskState) => string | undefined;

/** Decides a command at the given time. */
export type SubmitAt = (loadedRun: LoadedRun, command: RunCommand, nowMs: number) => void;

export class RunTimers {
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #submit: SubmitAt;
  readonly #fullGate: FullGate;

  constructor(
    clock: Clock,
    turn: Turn,
    { submit, fullGate }: { readonly submit: SubmitAt; readonly fullGate: FullGate },
  ) {
    this.#timers = new Timers(clock);
    this.#clock = clock;
    this.#turn = turn;
    this.#submit = submit;
    this.#fullGate = fullGate;
  }

  /** Sets a timer that makes a waiting task ready at its due time, or goes on with its wait, unless the task is paused. */
  wake(loadedRun: LoadedRun, task: TaskState): void {
    const { id: taskId, waiting } = task;
    const dueAtMs = waiting === undefined ? undefined : wakeAtMs(waiting);
    if (dueAtMs === undefined || findPause(loadedRun.state, task) !== undefined) return;
    this.#set(loadedRun, taskId, { dueAtMs, command: { type: 'due', taskId } });
  }

  /** Sets a timer for the time limit of the attempt that was just started. */
  limitAttempt(loadedRun: LoadedRun, task: TaskState): void {
    const dueAtMs = (task.startedAtMs as number) + (task.timeoutMs as number);
    this.#set(loadedRun, task.id, {
      dueAtMs,
      command: { type: 'timeout', taskId: task.id, attempt: task.attempt, limit: 'task' },
    });
  }

  /** Watches the attempt that was just started: it fails when it sends no heartbeat for as long as its policy says. */
  watchAttempt(loadedRun: LoadedRun, running: RunningAttempt, task: TaskState): void {
    const limitMs = policyOf(loadedRun.state, task, 'heartbeatTimeoutMs');
    if (limitMs === undefined) return;
    running.aliveAtMs = this.#clock.nowMs();
    this.watchHeartbeat(loadedRun, running, limitMs);
  }

  watchHeartbeat(loadedRun: LoadedRun, running: RunningAttempt, limitMs: number): void {
    const seenAtMs = running.aliveAtMs;
    this.#timers.add(seenAtMs + limitMs, (dueAtMs) => {
      if (loadedRun.findAttempt(running.task) !== running) return;
      const { taskId, attempt } = running;
      // Compares for difference, not for order, because the wall clock may have been set back.
      if (running.aliveAtMs !== seenAtMs) this.watchHeartbeat(loadedRun, running, limitMs);
      else this.#due(loadedRun, dueAtMs, { type: 'timeout', taskId, attempt, limit: 'heartbeat' });
    });
  }

  /** Sets the timer of the task's own limits to that of the state: a paused task has none. */
  limitTask(loadedRun: LoadedRun, task: TaskState): void {
    const { state } = loadedRun;
    const deadline = nextDeadline(state, task);
    if (deadline === undefined && !loadedRun.hasLimits) return;
    const isSet = deadline !== undefined && findPause(state, task) === undefined;
    const { id: taskId } = task;
    const fire = (dueAtMs: number): void => {
      loadedRun.replaceLimit(taskId, undefined);
      const gate = deadline?.kind === 'queue' ? this.#fullGate(loadedRun, task) : undefined;
      this.#due(loadedRun, dueAtMs, { type: 'deadline', taskId, gate });
    };
    this.#cancel(loadedRun.replaceLimit(taskId, isSet ? this.#timers.add(deadline.untilMs, fire) : undefined));
  }

  /** Watches an attempt that was told to stop: it is abandoned when it has not ended in time. */
  watchAborted(running: RunningAttempt, graceMs: number): void {
    this.#timers.add(this.#clock.nowMs() + graceMs, () => {
      if (!running.hasEnded) running.abandon(graceMs);
    });
  }

  /** Sets a timer for the budget of the run, unless the run is paused. */
  limitRun(loadedRun: LoadedRun): void {
    const { deadlineAtMs } = loadedRun.state;
    const fire = (dueAtMs: number): void => this.#due(loadedRun, dueAtMs, { type: 'runTimeout' });
    const isSet = deadlineAtMs !== undefined && !isRunPaused(loadedRun.state);
    this.#cancel(loadedRun.replaceDeadline(isSet ? this.#timers.add(deadlineAtMs, fire) : undefined));
  }

  /** Sets the timers of a task and of all tasks below it to those of the state: a paused task has none. For the root, also that of the budget. */
  setAll(loadedRun: LoadedRun, top: TaskState): void {
    for (const task of subTree(top)) {
      this.limitTask(loadedRun, task);
      if (task.waiting === undefined) continue;
      this.clearTask(loadedRun, task.id);
      this.wake(loadedRun, task);
    }
    if (top === loadedRun.state.root) this.limitRun(loadedRun);
  }

  /** Sets a timer that releases the attempts of a paused task; undefined: clears it. */
  drain(
    loadedRun: LoadedRun,
    taskId: TaskId,
    due: { readonly atMs: number; readonly failing: readonly string[] } | undefined,
  ): void {
    const fire = (dueAtMs: number): void => {
      loadedRun.replaceDrain(taskId, undefined);
      this.#due(loadedRun, dueAtMs, { type: 'drained', taskId, failing: due?.failing ?? [] });
    };
    this.#cancel(loadedRun.replaceDrain(taskId, due === undefined ? undefined : this.#timers.add(due.atMs, fire)));
  }

  /** Clears the timer of a task that no longer waits, or whose attempt has ended. */
  clearTask(loadedRun: LoadedRun, taskId: TaskId): void {
    this.#cancel(loadedRun.takeTimer(taskId));
  }

  /** Clears all timers of a run. */
  clearRun(loadedRun: LoadedRun): void {
    for (const timer of loadedRun.takeTimers()) this.#timers.cancel(timer);
  }

  /** Stops all timers. */
  stop(): void {
    this.#timers.stop();
  }

  #cancel(timer: Timer | undefined): void {
    if (timer !== undefined) this.#timers.cancel(timer);
  }

  #set(loadedRun: LoadedRun, taskId: TaskId, due: { readonly dueAtMs: number; readonly command: RunCommand }): void {
    const timer = this.#timers.add(due.dueAtMs, (dueAtMs) => {
      loadedRun.takeTimer(taskId);
      this.#due(loadedRun, dueAtMs, due.command);
    });
    loadedRun.setTimer(taskId, timer);
  }

  /** Submits the command after all commands that came before and wait for a turn, so that a result in time does not count as late. */
  #due(loadedRun: LoadedRun, dueAtMs: number, command: RunCommand): void {
    const nowMs = this.#at(dueAtMs);
    this.#turn.decide(() => this.#submit(loadedRun, command, nowMs));
  }

  /** Time of the command. A due time that has passed by the monotonic clock counts, even if the wall clock was set back (R-TO-10). */
  #at(dueAtMs: number): number {
    return Math.max(dueAtMs, this.#clock.nowMs());
  }
}
