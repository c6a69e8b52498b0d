/** The timers of runs: waiting tasks, limits of attempts, missing heartbeats, budgets of runs. Each becomes a command when it is due. */
import { policyOf, type Clock, type RunCommand, type TaskId, type TaskState } from '@coppice/core';
import { Timers } from '../timers.ts';
import type { RunningAttempt } from './attempt.ts';
import type { HostedRun } from './hosted-run.ts';
import type { Turn } from './turn.ts';

/** Decides a command at the given time. */
export type SubmitAt = (host: HostedRun, command: RunCommand, nowMs: number) => void;

export class RunTimers {
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #submit: SubmitAt;

  constructor(clock: Clock, turn: Turn, submit: SubmitAt) {
    this.#timers = new Timers(clock);
    this.#clock = clock;
    this.#turn = turn;
    this.#submit = submit;
  }

  /** A waiting task becomes ready at its due time, epoch ms. */
  wake(host: HostedRun, taskId: TaskId, dueAtMs: number): void {
    this.#set(host, taskId, { dueAtMs, command: { type: 'due', taskId } });
  }

  /** The attempt that was just started has its limit. */
  limitAttempt(host: HostedRun, task: TaskState): void {
    const dueAtMs = (task.startedAtMs as number) + (task.timeoutMs as number);
    this.#set(host, task.id, {
      dueAtMs,
      command: { type: 'timeout', taskId: task.id, attempt: task.attempt, limit: 'task' },
    });
  }

  /** The attempt that was just started fails when it gives no sign of life for as long as its policy says. */
  watchAttempt(host: HostedRun, running: RunningAttempt, task: TaskState): void {
    const limitMs = policyOf(host.state, task, 'heartbeatTimeoutMs');
    if (limitMs === undefined) return;
    running.aliveAtMs = this.#clock.nowMs();
    this.watchHeartbeat(host, running, limitMs);
  }

  watchHeartbeat(host: HostedRun, running: RunningAttempt, limitMs: number): void {
    const seenAtMs = running.aliveAtMs;
    this.#timers.add(seenAtMs + limitMs, (dueAtMs) => {
      if (host.findAttempt(running.taskId) !== running) return;
      const { taskId, attempt } = running;
      // Compared for being another one, not a later one: the wall clock may have been set back.
      if (running.aliveAtMs !== seenAtMs) this.watchHeartbeat(host, running, limitMs);
      else this.#due(host, dueAtMs, { type: 'timeout', taskId, attempt, limit: 'heartbeat' });
    });
  }

  /** The run has its budget. */
  limitRun(host: HostedRun): void {
    const { deadlineAtMs } = host.state;
    const fire = (dueAtMs: number): void => this.#due(host, dueAtMs, { type: 'runTimeout' });
    const timer = deadlineAtMs === undefined ? undefined : this.#timers.add(deadlineAtMs, fire);
    const former = host.replaceDeadline(timer);
    if (former !== undefined) this.#timers.cancel(former);
  }

  /** The task no longer waits, or its attempt has ended. */
  clearTask(host: HostedRun, taskId: TaskId): void {
    const timer = host.takeTimer(taskId);
    if (timer !== undefined) this.#timers.cancel(timer);
  }

  /** The run has ended. */
  clearRun(host: HostedRun): void {
    for (const timer of host.takeTimers()) this.#timers.cancel(timer);
  }

  /** Nothing fires any more. */
  stop(): void {
    this.#timers.stop();
  }

  #set(host: HostedRun, taskId: TaskId, due: { readonly dueAtMs: number; readonly command: RunCommand }): void {
    const timer = this.#timers.add(due.dueAtMs, (dueAtMs) => {
      host.takeTimer(taskId);
      this.#due(host, dueAtMs, due.command);
    });
    host.setTimer(taskId, timer);
  }

  /** What came before and waits for its turn is decided before: a result that came in time is not late. */
  #due(host: HostedRun, dueAtMs: number, command: RunCommand): void {
    const nowMs = this.#at(dueAtMs);
    this.#turn.decide(() => this.#submit(host, command, nowMs));
  }

  /** A due time that has passed by the monotonic clock has passed, even if the wall clock was set back (R-TO-10). */
  #at(dueAtMs: number): number {
    return Math.max(dueAtMs, this.#clock.nowMs());
  }
}
