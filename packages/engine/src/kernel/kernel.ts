/**
 * The kernel: one synchronous turn from command to staged events, admission before each commit, effects after it.
 *
 * 1. `submit` decides, folds and stages; nothing outside sees it before it is durable.
 * 2. Before each commit admission fills every free place, so a start shares the commit of the completion that allowed it.
 * 3. After the commit executors are called, aborted, timers set, subscribers told: in commit order.
 */
import {
  Admission,
  checkGateLimits,
  decide,
  isRunTerminal,
  refuse,
  type DecideContext,
  type Decision,
  type GateUse,
  type RunCommand,
  type RunEvent,
  type RunState,
  type TaskId,
  type TaskState,
} from '@coppice/core';
import { runningTasksOf } from '../progress.ts';
import { createAttemptReports } from './attempt-reports.ts';
import { abortReasonOf, AbortReason } from './abort-reason.ts';
import type { RunningAttempt } from './attempt.ts';
import { CommitQueue } from './commit-queue.ts';
import { Dispatcher, type AttemptResult } from './dispatcher.ts';
import { Hosts } from './hosts.ts';
import { Interruptions } from './interruptions.ts';
import { RunTimers } from './run-timers.ts';
import { isDurable, markChanged, newHostedRun, openOf, type Dropped, type HostedRun } from './hosted-run.ts';
import type { KernelOptions } from './kernel-options.ts';
import { Starts } from './starts.ts';
import { Turn } from './turn.ts';

export class Kernel {
  /** Runs in memory. */
  readonly hosts = new Hosts();
  readonly turn: Turn;
  readonly admission: Admission;
  readonly commits: CommitQueue;
  readonly timers: RunTimers;
  readonly interruptions: Interruptions;
  readonly #options: KernelOptions;
  readonly #dispatcher: Dispatcher;
  readonly #starts: Starts;
  readonly #idle: (() => void)[] = [];
  readonly #context: { -readonly [Field in keyof DecideContext]: DecideContext[Field] };
  /** Unfinished selected tasks of active runs. */
  openTasks = 0;
  runningTasks = 0;
  /** The store or the engine itself failed for good. */
  hasFailed = false;
  #admits = false;
  #isStopped = false;

  constructor(options: KernelOptions) {
    const problems = checkGateLimits(options.limits);
    if (problems.length > 0) throw new RangeError(problems.join('; '));
    this.#options = options;
    const { store, clock, logger, registry, secrets, expressions, env, defaultTimeoutMs } = options;
    this.turn = new Turn(clock, expressions, () => this.commits.schedule());
    this.#context = {
      nowMs: 0,
      expressions: this.turn.expressions,
      isTurnOver: () => this.turn.isOver,
      env: env.set,
      secrets: secrets.scope,
      defaultTimeoutMs,
      backoffs: registry.backoffs,
      partialOutput: (treeId, taskId) =>
        this.turn.carry(this.hosts.find(treeId)?.attempts.get(taskId)?.readPartialOutput()),
    };
    this.timers = new RunTimers(clock, this.turn, (host, command, nowMs) => {
      if (!this.#isStopped) this.submit(host, command, nowMs);
    });
    this.admission = new Admission({
      limits: options.limits,
      executorLimit: (type) => registry.findExecutor(type)?.concurrency,
      ageingMs: options.ageingMs,
    });
    this.#starts = new Starts({
      admission: this.admission,
      turn: this.turn,
      start: (run, taskIds, startMs) =>
        this.submit(this.hosts.find(run.treeId) as HostedRun, { type: 'start', taskIds }, startMs),
    });
    this.commits = new CommitQueue({
      store,
      clock,
      logger,
      beforeCommit: () => this.#admit(),
      afterCommit: (host, events) => this.#committed(host, events),
      onRefused: (host, { code, message }) => this.#drop(host, { code, message }),
      onFatal: (error) => this.fail(error),
    });
    const isOver = (): boolean => this.#isStopped || this.hasFailed;
    this.#dispatcher = new Dispatcher({
      registry,
      secrets,
      logger,
      turn: this.turn,
      host: createAttemptReports({
        clock,
        baseDir: options.baseDir,
        env: env.all,
        isOver,
        findHost: (treeId) => this.hosts.find(treeId),
        submit: (host, command) => this.submit(host, command),
        commits: this.commits,
      }),
      onResult: (host, attempt, result) => this.#result(host, attempt, result),
    });
    this.interruptions = new Interruptions({
      registry,
      dispatcher: this.#dispatcher,
      submit: (host, command) => void (isOver() || this.submit(host, command)),
      onEnded: (host) => this.#attemptEnded(host),
    });
  }

  /** What `decide` needs from outside, until the next call. `nowMs`: a due time that has passed by the monotonic clock, else the wall clock. */
  context(nowMs = this.#options.clock.nowMs()): DecideContext {
    this.#context.nowMs = nowMs;
    this.#context.backoffs = this.#options.registry.backoffs;
    return this.#context;
  }

  /** Decides a command and stages its events. */
  submit(host: HostedRun, command: RunCommand, nowMs?: number): Decision {
    if (host.dropped !== undefined) return refuse('task/invalid-transition', host.dropped.message);
    let decision: Decision;
    try {
      decision = decide(host.state, command, this.context(nowMs));
    } catch (error) {
      // The state may be half advanced: nothing may be decided on it any more. The log has the whole truth.
      const message = error instanceof Error ? error.message : String(error);
      this.#drop(host, { code: 'engine/fault', message });
      return refuse('task/invalid-transition', message);
    }
    if (decision.ok && decision.value.length > 0) {
      this.#react(host, decision.value);
      this.commits.stage(host, decision.value);
    }
    return decision;
  }

  /** Takes a run out, whose state can not be trusted or not be stored, with all that hangs on it. What is durable goes on from the log. */
  #drop(host: HostedRun, dropped: Dropped): void {
    if (host.dropped !== undefined) return;
    host.dropped = dropped;
    this.#starts.forget(host.state);
    this.admission.holdRun(host.state, this.commits.drop(host));
    this.timers.clearRun(host);
    this.hosts.forget(host);
    const others = this.hosts.list();
    this.openTasks = others.reduce((sum, { state }) => sum + openOf(state), 0);
    this.runningTasks = others.reduce((sum, { state }) => sum + state.executing, 0);
    for (const attempt of host.attempts.values()) attempt.abort(new AbortReason('shutdown', dropped.message));
    this.#options.logger.error(
      { treeId: host.treeId, code: dropped.code, error: dropped.message },
      'What was decided on a run could not be stored; the run goes on from its log',
    );
    this.#options.onDropped(host, dropped);
    this.commits.schedule();
  }

  /** Takes a new or loaded run in. `events`: decided, not yet durable. */
  host(state: RunState, events: readonly RunEvent[]): HostedRun {
    const host = newHostedRun(state, state.seq - events.length);
    this.hosts.add(host);
    this.commits.stage(host, events);
    return host;
  }

  /** Makes a run go on that a former process left: its attempts are counted, what is ready is enqueued, what waits gets its timer. */
  resume(host: HostedRun): void {
    const { state } = host;
    const nowMs = this.#options.clock.nowMs();
    this.openTasks += openOf(state);
    this.runningTasks += state.executing;
    for (const task of runningTasksOf(state)) this.admission.adopt(state, task, nowMs);
    for (const task of state.tasks) {
      if (task.status === 'ready') this.admission.enqueue(state, task, nowMs);
      else if (task.status === 'waiting') this.timers.wake(host, task);
    }
    this.timers.limitRun(host);
    this.commits.schedule();
  }

  /** Lets tasks start; before, only what is decided is committed. */
  startAdmitting(): void {
    this.#admits = !this.hasFailed;
    this.commits.schedule();
  }

  /** Stops admitting; what runs goes on. */
  stopAdmitting(): void {
    this.#admits = false;
  }

  /** Late results and due times change nothing from now on: what is decided is all there will be. */
  halt(): void {
    this.#isStopped = true;
    this.timers.stop();
  }

  /** Nobody waits any longer. */
  stop(): void {
    for (const host of this.hosts.list()) for (const { resolve } of host.waiters.splice(0)) resolve(host.state.status);
  }

  /** Resolves when no executor has an attempt in hand. */
  idle(): Promise<void> {
    if (!this.hosts.hasAttempts()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  gates(): readonly GateUse[] {
    return this.admission.uses();
  }

  #admit(): void {
    if (this.#admits) this.#starts.admit(this.#options.clock.nowMs());
  }

  /** What decided events mean at once, before they are durable: places at gates, ready tasks, rows to write. */
  #react(host: HostedRun, events: readonly RunEvent[]): void {
    const { state } = host;
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as RunEvent;
      const task = event.taskId === undefined ? undefined : state.byId.get(event.taskId);
      if (task !== undefined) markChanged(host, task);
      switch (event.type) {
        case 'TaskStarted':
          this.runningTasks++;
          break;
        case 'TaskCompleted':
        case 'TaskFailed':
        case 'TaskCancelled':
        case 'RetryScheduled':
          this.#release(host, event, task as TaskState);
          break;
        case 'AttemptInterrupted':
          this.#release(host, event, task as TaskState);
          this.#enqueue(host, event.taskId, event.atMs);
          break;
        case 'TaskDue':
          this.#enqueue(host, event.taskId, event.atMs);
          break;
        case 'RunReopened':
          for (const id of event.data.reset) markChanged(host, state.byId.get(id) as TaskState);
          this.openTasks += state.selectedCount;
          break;
        case 'RunStarted':
          this.openTasks += state.selectedCount;
          break;
        case 'RunCompleted':
        case 'RunFailed':
        case 'RunCancelled':
          this.#starts.forget(state);
          this.admission.dropRun(state.treeId);
          this.openTasks -= state.selectedCount;
          break;
        case 'TasksDeleted':
          for (const each of state.tasks) if (each.deleted) markChanged(host, each);
          break;
        default:
      }
      const { ready } = event.data as { readonly ready?: readonly TaskId[] };
      if (ready !== undefined) for (const id of ready) this.#enqueue(host, id, event.atMs);
    }
  }

  /** The attempt that an event ends gives its places back; a task may end without one. */
  #release({ state }: HostedRun, { attempt }: RunEvent, task: TaskState): void {
    if (attempt === undefined) return;
    this.runningTasks--;
    this.admission.release(state, task);
  }

  #enqueue(host: HostedRun, taskId: TaskId, atMs: number): void {
    const task = host.state.byId.get(taskId) as TaskState;
    markChanged(host, task);
    if (task.status === 'ready') this.admission.enqueue(host.state, task, atMs);
  }

  /** What durable events set in motion. */
  #committed(host: HostedRun, events: readonly RunEvent[]): void {
    const { state } = host;
    for (let at = 0; at < events.length && host.dropped === undefined; at++) {
      const event = events[at] as RunEvent;
      const task = event.taskId === undefined ? undefined : state.byId.get(event.taskId);
      switch (event.type) {
        case 'TaskStarted':
          if (task?.status === 'running' && task.attempt === event.attempt) this.#dispatch(host, task);
          break;
        case 'TaskDelayed':
        case 'RetryScheduled':
        case 'AttemptInterrupted':
          if (task !== undefined) this.#letGo(host, event, task);
          if (task?.status === 'waiting') this.timers.wake(host, task);
          break;
        case 'TaskCompleted':
        case 'TaskFailed':
        case 'TaskCancelled':
          host.drops = 0;
          if (task !== undefined) this.#letGo(host, event, task);
          break;
        case 'RunStarted':
        case 'RunReopened':
          this.timers.limitRun(host);
          break;
        default:
      }
    }
    this.#options.onCommitted(host, events);
    if (host.dropped === undefined && isRunTerminal(state.status) && isDurable(host)) this.#runEnded(host);
  }

  #dispatch(host: HostedRun, task: TaskState): void {
    if (task.timeoutLimit === 'task') this.timers.limitAttempt(host, task);
    this.#dispatcher.start(host, task);
    const running = host.attempts.get(task.id);
    if (running !== undefined) this.timers.watchAttempt(host, running, task);
  }

  /** An attempt (or a wait) has ended: its timer goes, and an executor that still has it in hand gets its signal. */
  #letGo(host: HostedRun, event: RunEvent, task: TaskState): void {
    this.timers.clearTask(host, task.id);
    const running = host.attempts.get(task.id);
    if (running !== undefined && running.attempt === event.attempt) running.abort(abortReasonOf(event, task));
    // Of an attempt that a killed process left open nobody here has anything in hand.
    else if (event.type === 'TaskCancelled' && event.attempt !== undefined && running === undefined)
      this.interruptions.reclaim(host, task)?.abort(abortReasonOf(event, task));
  }

  #result(host: HostedRun, attempt: RunningAttempt, result: AttemptResult): void {
    if (this.#isStopped || this.hasFailed) return this.#becameIdle();
    const { taskId, attempt: number } = attempt;
    if (result.status === 'completed')
      this.submit(host, { type: 'complete', taskId, attempt: number, outcome: result.outcome });
    else this.submit(host, { type: 'fail', taskId, attempt: number, error: result.error });
    this.#attemptEnded(host);
  }

  #attemptEnded(host: HostedRun): void {
    if (host.attempts.size > 0) return;
    if (isRunTerminal(host.state.status)) this.#forgetEnded(host);
    this.#becameIdle();
  }

  #becameIdle(): void {
    if (this.#idle.length === 0 || this.hosts.hasAttempts()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** A run that has ended, durably, with nothing in hand is loaded again when someone asks. */
  #forgetEnded(host: HostedRun): void {
    if (isDurable(host) && host.attempts.size === 0) this.hosts.forget(host);
  }

  #runEnded(host: HostedRun): void {
    this.timers.clearRun(host);
    for (const { resolve } of host.waiters.splice(0)) resolve(host.state.status);
    this.#forgetEnded(host);
  }

  /** Nothing can be trusted or stored any more: no attempt starts, those that run are aborted. */
  fail(error: unknown): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.commits.fail(error);
    this.stopAdmitting();
    this.timers.stop();
    this.#options.logger.error(
      { error: error instanceof Error ? error.message : String(error) },
      'The engine failed and executes nothing any more; start it again to go on from the log',
    );
    for (const host of this.hosts.list()) {
      for (const attempt of host.attempts.values()) attempt.abort(new AbortReason('shutdown', 'The engine failed'));
      for (const { reject } of host.waiters.splice(0)) reject(error);
    }
    this.#options.onFailed(error);
  }
}
