/** Calls executors, and the hooks around them, for attempts whose start is durable. Passes the results to the kernel. */
import {
  executorOf,
  isOutcome,
  RetryableError,
  taskErrorFromThrown,
  type ReturnedOutcome,
  type Json,
  type TaskError,
  type TaskState,
} from '@coppice/core';
import { copyJson } from '../json-copy.ts';
import type { Logger } from '../logger.ts';
import type { ExtensionRegistry } from '../registry/extension-registry.ts';
import type { Secrets } from '../secrets.ts';
import { AbortReason } from './abort-reason.ts';
import { RunningAttempt, type AttemptServices, type AttemptName } from './attempt.ts';
import { ExecutorCall, isThenable, missingExecutor } from './executor-call.ts';
import type { LoadedRun } from './loaded-run.ts';
import { toOutcome } from './outcome.ts';
import { storableError } from './storable-error.ts';
import { createTaskLogger } from './task-logger.ts';
import type { Turn } from './turn.ts';

/** The result of an attempt's executor call. */
export type AttemptResult =
  | { readonly status: 'completed'; readonly outcome: ReturnedOutcome }
  | { readonly status: 'failed'; readonly error: TaskError };

export interface DispatcherOptions {
  readonly registry: ExtensionRegistry;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly turn: Turn;
  /** Takes progress, heartbeats and recorded calls of attempts. */
  readonly services: Omit<AttemptServices, 'secrets' | 'logger' | 'uncaught'>;
  /** Checks the tasks that an executor adds. Throws a TerminalError. */
  readonly addedTasks: (attempt: RunningAttempt, tasks: unknown) => ReturnedOutcome['adding'];
  /** Called exactly once per started attempt, when its executor has returned. */
  readonly onResult: (loadedRun: LoadedRun, attempt: RunningAttempt, result: AttemptResult) => void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #services: AttemptServices;
  readonly #call: ExecutorCall;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { secrets } = options;
    this.#call = new ExecutorCall(options);
    this.#services = {
      ...options.services,
      secrets,
      logger: (attempt) => createTaskLogger(attempt, options.logger),
      uncaught: (from, attempt, error) => this.#uncaught(from, attempt, error),
    };
  }

  /** Starts the attempt that the task's state says is running. */
  start(loadedRun: LoadedRun, task: TaskState): void {
    const type = executorOf(task);
    const executor = this.#options.registry.findExecutor(type) ?? missingExecutor(type);
    const attempt = new RunningAttempt(loadedRun, task, { executor, services: this.#services });
    loadedRun.addAttempt(attempt);
    try {
      const returned = attempt.runOwned(this.#call.begin);
      if (isThenable(returned)) this.#finishLater(attempt, returned);
      else this.#finish(attempt, true, returned);
    } catch (error) {
      this.#finish(attempt, false, error);
    }
  }

  /** Asks the executor to end the work of an attempt that a killed process left open; undefined: the executor can not do that. */
  reclaim(loadedRun: LoadedRun, task: TaskState, onEnd: () => void): RunningAttempt | undefined {
    const executor = this.#options.registry.findExecutor(executorOf(task));
    if (executor?.reclaim === undefined) return undefined;
    const attempt = new RunningAttempt(loadedRun, task, { executor, services: this.#services });
    loadedRun.addAttempt(attempt);
    void attempt.runOwned(this.#call.reclaim).then(() => {
      if (attempt.hasEnded) return;
      loadedRun.removeAttempt(attempt);
      attempt.end();
      onEnd();
    });
    return attempt;
  }

  #finishLater(attempt: RunningAttempt, returned: Promise<unknown>): void {
    // A thenable of another library may throw or call back twice, so it is wrapped in a promise. Its code belongs to the attempt, too.
    const isOwnPromise = Object.getPrototypeOf(returned) === Promise.prototype;
    const settled = isOwnPromise ? returned : attempt.runOwned(() => Promise.resolve(returned));
    settled.then(
      (value) => this.#finish(attempt, true, value),
      (error: unknown) => this.#finish(attempt, false, error),
    );
  }

  /** `value`: the value that the executor returned or threw. */
  #finish(attempt: RunningAttempt, hasReturned: boolean, value: unknown): void {
    const { turn } = this.#options;
    if (turn.isFree) this.#end(attempt, hasReturned, value);
    else turn.decide(() => this.#end(attempt, hasReturned, value));
  }

  #end(attempt: RunningAttempt, hasReturned: boolean, value: unknown): void {
    // The executor may return after an uncaught error has ended the attempt.
    if (attempt.hasEnded) return;
    const result = hasReturned ? this.#completed(attempt, value) : this.#failed(value);
    const { loadedRun } = attempt;
    loadedRun.removeAttempt(attempt);
    attempt.end();
    this.#options.onResult(loadedRun, attempt, result);
    this.#options.turn.carry(result);
  }

  /** Ends the attempt, because the rest of the executor's work can not be trusted after an uncaught error. The signal asks it to stop. */
  #uncaught(from: AttemptName, attempt: RunningAttempt | undefined, thrown: unknown): void {
    const { code, message } = taskErrorFromThrown(thrown);
    const text = (given: string): Json => copyJson(given.toWellFormed(), this.#options.secrets.redact);
    const fields = { ...from, error: text(String(message)), stack: text(stackOf(thrown)) };
    if (attempt === undefined) {
      this.#options.logger.error(
        fields,
        'An attempt that has ended left code behind that threw; nothing else is touched',
      );
      return;
    }
    this.#options.logger.error(fields, 'An attempt threw where nobody catches errors; it fails');
    const { executor } = attempt;
    const failure = new RetryableError(
      `Executor ${executor.type} threw in a callback, where nobody catches errors: ${message}. Make it reject or throw in its call instead`,
      { code: 'executor/uncaught', data: { code }, cause: thrown },
    );
    attempt.abort(new AbortReason('failed', failure.message));
    this.#finish(attempt, false, failure);
  }

  #completed(attempt: RunningAttempt, returned: unknown): AttemptResult {
    try {
      const outcome = toOutcome(attempt.executor, returned, this.#options.secrets);
      const tasks = isOutcome(returned) ? returned.tasks : undefined;
      if (tasks === undefined) return { status: 'completed', outcome };
      return { status: 'completed', outcome: { ...outcome, adding: this.#options.addedTasks(attempt, tasks) } };
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(thrown: unknown): AttemptResult {
    return { status: 'failed', error: storableError(thrown, this.#options.secrets.redact) };
  }
}

function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : 'none';
  } catch {
    return 'none';
  }
}
