/** Running attempts: calls their executors, takes the results, and lets others wait until all executors have returned. */
import { GROWTH_DEFAULTS, type Decision, type LimitGates, type RunCommand, type TaskState } from '@coppice/core';
import { validationFacts } from '../validation-facts.ts';
import { addedTasks } from './added-tasks.ts';
import { createAttemptReports } from './attempt-reports.ts';
import type { RunningAttempt } from './attempt.ts';
import type { CommitQueue } from './commit-queue.ts';
import { Dispatcher, type AttemptResult } from './dispatcher.ts';
import type { LoadedRun } from './loaded-run.ts';
import type { LoadedRuns } from './loaded-runs.ts';
import { Interruptions } from './interruptions.ts';
import type { KernelOptions } from './kernel-options.ts';
import type { Turn } from './turn.ts';

export interface ExecutionsParts {
  readonly loadedRuns: LoadedRuns;
  readonly turn: Turn;
  readonly commits: CommitQueue;
  readonly gates: LimitGates;
  /** True when the engine has stopped or failed, so that nothing is decided any more. */
  readonly isOver: () => boolean;
  readonly submit: (loadedRun: LoadedRun, command: RunCommand) => Decision;
}

export class Executions {
  readonly dispatcher: Dispatcher;
  readonly interruptions: Interruptions;
  readonly #parts: ExecutionsParts;
  #waiting: (() => void)[] = [];

  constructor(options: KernelOptions, parts: ExecutionsParts) {
    const { registry, secrets, logger, clock, baseDir, env, limits, logs, refuseAdded } = options;
    const { loadedRuns, turn, commits, gates, isOver, submit } = parts;
    this.#parts = parts;
    const context = { expressions: turn.expressions, env: env.set, secrets: secrets.scope };
    this.dispatcher = new Dispatcher({
      registry,
      secrets,
      logger,
      turn,
      services: createAttemptReports({
        clock,
        baseDir,
        env: env.all,
        logs,
        isOver,
        findRun: (treeId) => loadedRuns.find(treeId),
        submit,
        commits,
      }),
      addedTasks: ({ loadedRun: { state }, taskId }, tasks) =>
        addedTasks(tasks, {
          run: state,
          task: state.byId.get(taskId) as TaskState,
          facts: validationFacts({ registry, kernel: { context: () => context, gates } }, state),
          tasksMax: limits.maxRunTasks ?? GROWTH_DEFAULTS.tasksMax,
          redact: secrets.redact,
          refuse: refuseAdded,
        }),
      onResult: (loadedRun, attempt, result) => this.#take(loadedRun, attempt, result),
    });
    this.interruptions = new Interruptions({
      registry,
      dispatcher: this.dispatcher,
      submit: (loadedRun, command) => void (isOver() || submit(loadedRun, command)),
      onEnded: (loadedRun) => this.#attemptEnded(loadedRun),
    });
  }

  /** Resolves when no executor works on an attempt. */
  idle(): Promise<void> {
    if (!this.#parts.loadedRuns.hasAttempts()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #take(loadedRun: LoadedRun, { taskId, attempt }: RunningAttempt, result: AttemptResult): void {
    const { isOver, submit } = this.#parts;
    if (isOver()) return this.#becameIdle();
    if (result.status === 'completed')
      submit(loadedRun, { type: 'complete', taskId, attempt, outcome: result.outcome });
    else submit(loadedRun, { type: 'fail', taskId, attempt, error: result.error });
    this.#attemptEnded(loadedRun);
  }

  #attemptEnded(loadedRun: LoadedRun): void {
    if (loadedRun.hasAttempts) return;
    this.#parts.loadedRuns.forgetEnded(loadedRun);
    this.#becameIdle();
  }

  #becameIdle(): void {
    if (this.#waiting.length === 0 || this.#parts.loadedRuns.hasAttempts()) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
