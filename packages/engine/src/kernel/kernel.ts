/**
 * The kernel turns a command into durable events, and carries out the effects of the events.
 *
 * 1. `submit` decides, folds and stages in one synchronous turn. Nobody outside sees the events before they are durable.
 * 2. Before each commit admission fills every free place, so a start shares the commit of the end that allowed it.
 * 3. After the commit the kernel calls and aborts executors, sets timers and tells subscribers, in commit order.
 */
import {
  Admission,
  checkGateLimits,
  isRunTerminal,
  LimitGates,
  newEngineState,
  type DecideContext,
  type Decision,
  type RunCommand,
  type RunEvent,
  type RunState,
} from '@coppice/core';
import { errorText } from '../error-text.ts';
import { AbortReason } from './abort-reason.ts';
import { CommitQueue } from './commit-queue.ts';
import { Decider } from './decider.ts';
import { Effects } from './effects.ts';
import { Executions } from './executions.ts';
import { LoadedRuns } from './loaded-runs.ts';
import { RunTimers } from './run-timers.ts';
import { LoadedRun, type DropReason } from './loaded-run.ts';
import type { KernelOptions } from './kernel-options.ts';
import { Starts } from './starts.ts';
import { StarvationWatch } from './starvation-watch.ts';
import { Turn } from './turn.ts';

export class Kernel {
  /** Runs in memory. */
  readonly loadedRuns = new LoadedRuns();
  readonly turn: Turn;
  readonly admission: Admission;
  readonly commits: CommitQueue;
  readonly executions: Executions;
  /** What is durable of the engine's own stream. */
  readonly engineState = newEngineState();
  readonly gates: LimitGates;
  readonly #options: KernelOptions;
  readonly #decider: Decider;
  readonly #effects: Effects;
  readonly #starts: Starts;
  readonly #timers: RunTimers;
  readonly #starvation: StarvationWatch;
  #hasFailed = false;
  #admits = false;
  #isStopped = false;

  constructor(options: KernelOptions) {
    const problems = checkGateLimits(options.limits);
    if (problems.length > 0) throw new RangeError(problems.join('; '));
    this.#options = options;
    const { store, clock, logger, registry } = options;
    this.turn = new Turn(clock, options.expressions, () => this.commits.schedule());
    this.#decider = new Decider(options, {
      loadedRuns: this.loadedRuns,
      turn: this.turn,
      failing: () => this.executions.interruptions.failing,
      gates: () => this.gates,
      onDecided: (loadedRun, events) => this.#decided(loadedRun, events),
      onFault: (loadedRun, fault) => this.#drop(loadedRun, fault),
    });
    this.#timers = new RunTimers(clock, this.turn, {
      submit: (loadedRun, command, nowMs) => {
        if (!this.#isStopped) this.submit(loadedRun, command, nowMs);
      },
      fullGate: ({ state }, task) => this.admission.blockers(state, task)[0]?.gate,
    });
    this.gates = new LimitGates(options.limits, (type) => registry.findExecutor(type)?.concurrency, this.engineState);
    this.gates.breakers.onChange = options.onBreakerChange;
    this.admission = new Admission({ gates: this.gates, ageingMs: options.ageingMs });
    this.#starts = new Starts({
      admission: this.admission,
      turn: this.turn,
      clock,
      onDue: () => this.commits.schedule(),
      onReserved: (reservation) =>
        logger.warn(
          { ...reservation },
          'A task has waited long for much; what becomes free at the gate is kept for it',
        ),
      submit: (run, command, startMs) => this.submit(this.loadedRuns.find(run.treeId) as LoadedRun, command, startMs),
      reportOf: (gate, nowMs) => this.gates.breakers.report(gate, nowMs),
    });
    this.#starvation = new StarvationWatch({
      admission: this.admission,
      clock,
      afterMs: options.starvingAfterMs,
      onStarving: options.onStarving,
    });
    this.commits = new CommitQueue({
      store,
      clock,
      logger,
      beforeCommit: () => this.#beforeCommit(),
      afterCommit: (loadedRun, events) => this.#committed(loadedRun, events),
      onRefused: (loadedRun, { code, message }) => this.#drop(loadedRun, { code, message }),
      onFatal: (error) => this.fail(error),
    });
    this.executions = new Executions(options, {
      loadedRuns: this.loadedRuns,
      turn: this.turn,
      commits: this.commits,
      gates: this.gates,
      isOver: () => this.#isStopped || this.#hasFailed,
      submit: (loadedRun, command) => this.submit(loadedRun, command),
    });
    this.#effects = new Effects({
      loadedRuns: this.loadedRuns,
      admission: this.admission,
      starts: this.#starts,
      timers: this.#timers,
      executions: this.executions,
      cancelGraceMs: options.cancelGraceMs,
    });
  }

  /** Data from outside for `decide`, valid until the next call. */
  context(): DecideContext {
    return this.#decider.context();
  }

  /** Decides a command and stages its events. `nowMs`: a due time that has passed by the monotonic clock; default: the wall clock. */
  submit(loadedRun: LoadedRun, command: RunCommand, nowMs?: number): Decision {
    return this.#decider.submit(loadedRun, command, nowMs);
  }

  #beforeCommit(): void {
    if (this.#admits) {
      this.#starts.admit();
      this.#starvation.wake();
    }
    this.#options.logs.flush();
  }

  /** Brings the limit into force that was set for the gate of this name. */
  resize(name: string): void {
    const { gates, admission } = this;
    if (gates.givesNewKeys(name)) {
      this.#starts.putBack();
      admission.rekey(() => gates.reset(name));
    }
    const gate = gates.reset(name);
    if (gate === undefined) admission.regate();
    else admission.changed(gate);
  }

  #decided(loadedRun: LoadedRun, events: readonly RunEvent[]): void {
    this.#effects.carryOutAtOnce(loadedRun, events);
    this.commits.stage(loadedRun, events);
  }

  #committed(loadedRun: LoadedRun, events: readonly RunEvent[]): void {
    this.#effects.carryOutAfterCommit(loadedRun, events);
    this.#options.onCommitted(loadedRun, events);
    if (loadedRun.dropped !== undefined || !isRunTerminal(loadedRun.state.status) || !loadedRun.isDurable) return;
    this.#timers.clearRun(loadedRun);
    this.#options.logs.forget(loadedRun.treeId);
    loadedRun.tellEnded(loadedRun.state.status);
    this.loadedRuns.forgetEnded(loadedRun);
  }

  /** Drops a run whose state can not be trusted or stored, with its timers and attempts. The run goes on from its log. */
  #drop(loadedRun: LoadedRun, dropped: DropReason): void {
    if (!loadedRun.drop(dropped)) return;
    this.#effects.drop(loadedRun, this.commits.drop(loadedRun));
    for (const attempt of loadedRun.attempts) attempt.abort(new AbortReason('shutdown', dropped.message));
    this.#options.logger.error(
      { treeId: loadedRun.treeId, code: dropped.code, error: dropped.message },
      'What was decided on a run could not be stored; the run goes on from its log',
    );
    this.#options.onDropped(loadedRun, dropped);
    this.commits.schedule();
  }

  /** Adds a new run, or a run that was read from its log. `events` are decided and not yet durable. */
  addRun(state: RunState, events: readonly RunEvent[]): LoadedRun {
    const loadedRun = new LoadedRun(state, state.seq - events.length);
    this.loadedRuns.add(loadedRun);
    this.commits.stage(loadedRun, events);
    return loadedRun;
  }

  /** Lets a loaded run go on: queues its ready tasks and sets its timers. May be called twice. */
  resume(loadedRun: LoadedRun): void {
    if (!loadedRun.resume()) return;
    this.#effects.resume(loadedRun, this.#options.clock.nowMs());
    this.commits.schedule();
  }

  /** Lets tasks start. Before this call the kernel only commits events. */
  startAdmitting(): void {
    this.#admits = !this.#hasFailed;
    this.commits.schedule();
  }

  /** False before the start, in a process that only reads, and when the engine stops. */
  get isAdmitting(): boolean {
    return this.#admits;
  }

  /** Stops starting tasks. Running attempts go on. */
  stopAdmitting(): void {
    this.#admits = false;
  }

  /** Stops deciding: results and due times are ignored from now on. */
  halt(): void {
    this.#isStopped = true;
    this.#timers.stop();
    this.#starts.stop();
    this.#starvation.stop();
  }

  /** Tells the present status of each run to whoever waits for its end. */
  stop(): void {
    for (const loadedRun of this.loadedRuns.list()) loadedRun.tellEnded(loadedRun.state.status);
  }

  /** True when the store or the engine has failed for good. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Ends all work after a fault: no attempt starts any more, and running attempts are aborted. */
  fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.commits.fail(error);
    this.stopAdmitting();
    this.#timers.stop();
    this.#starts.stop();
    this.#starvation.stop();
    this.#options.logger.error(
      { error: errorText(error) },
      'The engine failed and executes nothing any more; start it again to go on from the log',
    );
    for (const loadedRun of this.loadedRuns.list()) {
      for (const attempt of loadedRun.attempts) attempt.abort(new AbortReason('shutdown', 'The engine failed'));
      loadedRun.tellFailed(error);
    }
    this.#options.onFailed(error);
  }
}
