/** Calls executors for attempts whose start is durable, with hooks around them, and hands outcomes back to the kernel. */
import {
  RetryableError,
  taskErrorFromThrown,
  TerminalError,
  type CompletedOutcome,
  type Executor,
  type Hook,
  type Json,
  type JsonObject,
  type TaskError,
  type TaskLogger,
  type TaskState,
  type ValueSchema,
} from '@coppice/core';
import { errorText } from '../error-text.ts';
import { copyJson } from '../json-copy.ts';
import type { Logger } from '../logger.ts';
import type { ExtensionRegistry } from '../registry/extension-registry.ts';
import { compileValueSchema } from '../registry/value-schema.ts';
import type { CheckResult } from '../registry/value-issue.ts';
import type { Secrets } from '../secrets.ts';
import { AbortReason } from './abort-reason.ts';
import { RunningAttempt, toOutcome, type AttemptHost, type AttemptName } from './attempt.ts';
import type { HostedRun } from './hosted-run.ts';
import type { Turn } from './turn.ts';

/** What became of an attempt's executor call. */
export type AttemptResult =
  | { readonly status: 'completed'; readonly outcome: CompletedOutcome }
  | { readonly status: 'failed'; readonly error: TaskError };

export interface DispatcherOptions {
  readonly registry: ExtensionRegistry;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly turn: Turn;
  /** Progress, heartbeats and recorded calls of attempts go here. */
  readonly host: Omit<AttemptHost, 'secrets' | 'logger' | 'uncaught'>;
  /** Called exactly once per started attempt, when its executor has let go of it. */
  readonly onResult: (host: HostedRun, attempt: RunningAttempt, result: AttemptResult) => void;
}

/** To look at an output that is not stored. */
const PLAIN: Pick<Secrets, 'conceal' | 'redact'> = {
  conceal: (value) => ({ value: copyJson(value) }),
  redact: undefined,
};

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #attemptHost: AttemptHost;
  readonly #redact: (value: unknown) => Json;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { secrets } = options;
    this.#redact = (value) => copyJson(value, secrets.redact);
    this.#attemptHost = {
      ...options.host,
      secrets,
      logger: (attempt) => this.#taskLogger(attempt),
      uncaught: (from, attempt, error) => this.#uncaught(from, attempt, error),
    };
  }

  /** Starts the attempt that the task's state says is running. */
  start(host: HostedRun, task: TaskState): void {
    const type = task.definition.executor as string;
    const executor = this.#options.registry.findExecutor(type) ?? missingExecutor(type);
    const attempt = new RunningAttempt(host, task, { executor, host: this.#attemptHost });
    host.addAttempt(attempt);
    try {
      const returned = attempt.runOwned(this.#begin);
      if (isThenable(returned)) this.#finishLater(attempt, returned);
      else this.#finish(attempt, true, returned);
    } catch (error) {
      this.#finish(attempt, false, error);
    }
  }

  /** Has the executor end what still runs of an attempt that a killed process left open; undefined: it has no way to. */
  reclaim(host: HostedRun, task: TaskState, onEnd: () => void): RunningAttempt | undefined {
    const executor = this.#options.registry.findExecutor(task.definition.executor as string);
    if (executor?.reclaim === undefined) return undefined;
    const attempt = new RunningAttempt(host, task, { executor, host: this.#attemptHost });
    host.addAttempt(attempt);
    void attempt
      .runOwned(() => this.#reclaim(attempt))
      .then(() => {
        if (attempt.hasEnded) return;
        host.removeAttempt(attempt);
        attempt.end();
        onEnd();
      });
    return attempt;
  }

  async #reclaim(attempt: RunningAttempt): Promise<void> {
    try {
      await attempt.executor.reclaim?.(this.#inputOf(attempt), attempt);
    } catch (error) {
      attempt.logger.warn(`What a killed process left of the attempt may still run: ${errorText(error)}`);
    }
  }

  readonly #begin = (attempt: RunningAttempt): unknown => {
    const hooks = this.#options.registry.listHooks();
    return hooks.length === 0 ? this.#call(attempt) : this.#callWithHooks(attempt, hooks);
  };

  #finishLater(attempt: RunningAttempt, returned: Promise<unknown>): void {
    // A foreign thenable may throw or call back twice; a promise made of it does neither. Its code is the executor's as well.
    const isOwnPromise = Object.getPrototypeOf(returned) === Promise.prototype;
    const settled = isOwnPromise ? returned : attempt.runOwned(() => Promise.resolve(returned));
    settled.then(
      (value) => this.#finish(attempt, true, value),
      (error: unknown) => this.#finish(attempt, false, error),
    );
  }

  /** `value`: what the executor returned or, when it has not, what it threw. */
  #finish(attempt: RunningAttempt, hasReturned: boolean, value: unknown): void {
    const { turn } = this.#options;
    if (turn.isFree) this.#end(attempt, hasReturned, value);
    else turn.decide(() => this.#end(attempt, hasReturned, value));
  }

  #end(attempt: RunningAttempt, hasReturned: boolean, value: unknown): void {
    // An attempt that its uncaught error has ended may still return.
    if (attempt.hasEnded) return;
    const result = hasReturned ? this.#completed(attempt.executor, value) : this.#failed(value);
    const { hosted } = attempt;
    hosted.removeAttempt(attempt);
    attempt.end();
    this.#options.onResult(hosted, attempt, result);
    this.#options.turn.carry(result);
  }

  /** Nobody can say any more what the rest of the executor's work is worth: the attempt ends here, and its signal asks that work to end. */
  #uncaught(from: AttemptName, attempt: RunningAttempt | undefined, thrown: unknown): void {
    const { code, message } = taskErrorFromThrown(thrown);
    const text = (given: string): Json => this.#redact(given.toWellFormed());
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

  #completed(executor: Executor, returned: unknown): AttemptResult {
    try {
      return { status: 'completed', outcome: toOutcome(executor, returned, this.#options.secrets) };
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(thrown: unknown): AttemptResult {
    const error = this.#redact(withoutSurprises(taskErrorFromThrown(thrown))) as unknown as TaskError;
    return { status: 'failed', error };
  }

  /** Checks the resolved input, calls the executor with a copy of its own, and checks what it declares about its output. */
  #call(attempt: RunningAttempt): unknown {
    const { executor, task } = attempt;
    const input = this.#inputOf(attempt);
    if (executor.input === undefined) return this.#execute(attempt, input);
    const dependencyKeys = task.incoming.map((edge) => edge.dependency.ref);
    const checked = compileValueSchema(executor.input).check(input, { dependencyKeys });
    if (isThenable(checked)) return checked.then((result) => this.#execute(attempt, valid(attempt, result)));
    return this.#execute(attempt, valid(attempt, checked));
  }

  /** The resolved input, with secrets. What expressions made of it may be what nothing can carry. */
  #inputOf({ task, executor }: RunningAttempt): JsonObject {
    try {
      return this.#options.secrets.reveal(task.input ?? {}, task.inputSecrets) as JsonObject;
    } catch (cause) {
      throw new TerminalError(`The resolved input can not be given to executor ${executor.type}: ${errorText(cause)}`, {
        code: 'task/invalid-inputs',
        cause,
      });
    }
  }

  #execute(attempt: RunningAttempt, input: JsonObject): unknown {
    const { executor } = attempt;
    // Hooks and schemas take time, in which the attempt may have been cancelled.
    attempt.throwIfAborted();
    const returned = executor.execute(input, attempt);
    return executor.output === undefined ? returned : this.#checkOutput(executor, returned);
  }

  async #checkOutput(executor: Executor, returned: unknown): Promise<unknown> {
    const value = await returned;
    const { output } = toOutcome(executor, value, PLAIN);
    const checked = await compileValueSchema(executor.output as ValueSchema).check(output);
    if (checked.ok) return value;
    throw new TerminalError(
      `Executor ${executor.type} returned an output that its own schema refuses: ${describeIssues(checked, 'output')}`,
      {
        code: 'executor/invalid-output',
      },
    );
  }

  /** Hooks in their order around the call; after-hooks in reverse. Only a failing before-hook changes the result. */
  async #callWithHooks(attempt: RunningAttempt, hooks: readonly Hook[]): Promise<unknown> {
    const { treeId, taskId, taskName, task } = attempt;
    const info = {
      treeId,
      taskId,
      taskName,
      executor: attempt.executor.type,
      attempt: attempt.attempt,
      input: copyJson(task.input) as JsonObject,
    };
    let status: 'completed' | 'failed' | 'cancelled' = 'failed';
    try {
      for (const hook of hooks) await hook.beforeAttempt?.(info);
      const value = await this.#call(attempt);
      status = attempt.isAborted ? 'cancelled' : 'completed';
      return value;
    } catch (error) {
      if (attempt.isAborted) status = 'cancelled';
      throw error;
    } finally {
      for (const hook of [...hooks].reverse()) {
        try {
          await hook.afterAttempt?.(info, { status });
        } catch (error) {
          this.#options.logger.error(
            { hook: hook.name, treeId, taskId, error: errorText(error) },
            'An afterAttempt hook failed; the result stands',
          );
        }
      }
    }
  }

  #taskLogger(attempt: RunningAttempt): TaskLogger {
    const { logger, secrets } = this.#options;
    const write = (level: keyof TaskLogger) => (message: string, fields?: JsonObject) => {
      if (logger.isLevelEnabled?.(level) === false) return;
      const { treeId, taskId, attempt: number } = attempt;
      const shown = String(message).toWellFormed();
      const text = secrets.redact === undefined ? shown : secrets.redact(shown);
      logger[level]({ ...this.#loggable(fields), treeId, taskId, task: attempt.taskName, attempt: number }, text);
    };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }

  /** The fields of a log line, each as far as JSON can carry it: a line that can not be written must not fail the attempt. */
  #loggable(fields: unknown): JsonObject {
    const loggable: Record<string, Json> = {};
    for (const [key, value] of Object.entries(fields ?? {})) {
      const name = this.#redact(key.toWellFormed()) as string;
      try {
        loggable[name] = this.#redact(value instanceof Error ? taskErrorFromThrown(value) : value);
      } catch (problem) {
        loggable[name] = `not logged: ${errorText(problem)}`;
      }
    }
    return loggable;
  }
}

function valid(attempt: RunningAttempt, result: CheckResult): JsonObject {
  if (result.ok) return result.value as JsonObject;
  const { type } = attempt.executor;
  throw new TerminalError(`The resolved input does not fit executor ${type}: ${describeIssues(result, 'input')}`, {
    code: 'task/invalid-inputs',
  });
}

function describeIssues(result: Extract<CheckResult, { readonly ok: false }>, what: string): string {
  return result.issues.map((issue) => `${issue.path.join('.') || what}: ${issue.reason}`).join('; ');
}

/** Stands in for an executor whose extension is gone. */
function missingExecutor(type: string): Executor {
  return {
    type,
    description: 'not loaded',
    effects: 'pure',
    execute() {
      throw new TerminalError(
        `No loaded extension contributes the executor "${type}". Load it and retry from failure`,
        { code: 'executor/not-found' },
      );
    },
  };
}

/** Mends texts that were cut through a character, and drops evidence that JSON can not carry, so that a failure can always be stored. */
function withoutSurprises(error: TaskError): TaskError {
  const repaired = isStorable(error) ? error : withWellFormedTexts(error);
  try {
    copyJson(repaired);
    return repaired;
  } catch (problem) {
    return {
      code: repaired.code,
      message: `${repaired.message} (its data was dropped: ${errorText(problem)})`,
      retryable: repaired.retryable,
    };
  }
}

function isStorable(error: TaskError): boolean {
  try {
    copyJson(error);
    return true;
  } catch {
    return false;
  }
}

function withWellFormedTexts(error: TaskError): TaskError {
  const { cause } = error;
  return {
    ...error,
    code: String(error.code).toWellFormed(),
    message: String(error.message).toWellFormed(),
    ...(cause === undefined ? {} : { cause: withWellFormedTexts(cause) }),
  };
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : 'none';
  } catch {
    return 'none';
  }
}
