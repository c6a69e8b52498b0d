/** Attempts in the hand of executors: who calls them, what they hand back, and who waits until they have let go. */
import type { Decision, RunCommand } from '@coppice/core';
import { createAttemptReports } from './attempt-reports.ts';
import type { RunningAttempt } from './attempt.ts';
import type { CommitQueue } from './commit-queue.ts';
import { Dispatcher, type AttemptResult } from './dispatcher.ts';
import type { HostedRun } from './hosted-run.ts';
import type { Hosts } from './hosts.ts';
import { Interruptions } from './interruptions.ts';
import type { KernelOptions } from './kernel-options.ts';
import type { Turn } from './turn.ts';

export interface ExecutionsParts {
  readonly hosts: Hosts;
  readonly turn: Turn;
  readonly commits: CommitQueue;
  /** True when nothing is decided any more: the engine has stopped or failed. */
  readonly isOver: () => boolean;
  readonly submit: (host: HostedRun, command: RunCommand) => Decision;
}

export class Executions {
  readonly dispatcher: Dispatcher;
  readonly interruptions: Interruptions;
  readonly #parts: ExecutionsParts;
  #waiting: (() => void)[] = [];

  constructor(options: KernelOptions, parts: ExecutionsParts) {
    const { registry, secrets, logger, clock, baseDir, env } = options;
    const { hosts, turn, commits, isOver, submit } = parts;
    this.#parts = parts;
    this.dispatcher = new Dispatcher({
      registry,
      secrets,
      logger,
      turn,
      host: createAttemptReports({
        clock,
        baseDir,
        env: env.all,
        isOver,
        findHost: (treeId) => hosts.find(treeId),
        submit,
        commits,
      }),
      onResult: (host, attempt, result) => this.#take(host, attempt, result),
    });
    this.interruptions = new Interruptions({
      registry,
      dispatcher: this.dispatcher,
      submit: (host, command) => void (isOver() || submit(host, command)),
      onEnded: (host) => this.#attemptEnded(host),
    });
  }

  /** Resolves when no executor has an attempt in hand. */
  idle(): Promise<void> {
    if (!this.#parts.hosts.hasAttempts()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #take(host: HostedRun, { taskId, attempt }: RunningAttempt, result: AttemptResult): void {
    const { isOver, submit } = this.#parts;
    if (isOver()) return this.#becameIdle();
    if (result.status === 'completed') submit(host, { type: 'complete', taskId, attempt, outcome: result.outcome });
    else submit(host, { type: 'fail', taskId, attempt, error: result.error });
    this.#attemptEnded(host);
  }

  #attemptEnded(host: HostedRun): void {
    if (host.hasAttempts) return;
    this.#parts.hosts.forgetEnded(host);
    this.#becameIdle();
  }

  #becameIdle(): void {
    if (this.#waiting.length === 0 || this.#parts.hosts.hasAttempts()) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
