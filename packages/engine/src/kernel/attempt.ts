/** One attempt of a task, while its executor works on it. It is the context that the executor gets. */
import {
  createSeededRandom,
  dependencyOutputs,
  idempotencyKeyOf,
  orderKeyOf,
  type AbortSignalLike,
  type Executor,
  type ExecutorContext,
  type Json,
  type JsonObject,
  type RunState,
  type SeededRandom,
  type TaskId,
  type TaskLogger,
  type TaskState,
  type TreeId,
} from '@coppice/core';
import { errorText } from '../error-text.ts';
import { copyJson } from '../json-copy.ts';
import type { ConcealedValue, Secrets } from '../secrets.ts';
import type { AttemptLog } from '../logs/attempt-log.ts';
import type { AbortReason } from './abort-reason.ts';
import { runOwned, type CodeOwner } from './code-owner.ts';
import type { LoadedRun } from './loaded-run.ts';

/** The services that the kernel gives to attempts. */
export interface AttemptServices {
  /** Base folder of runs whose definition names none. */
  readonly baseDir: string;
  readonly env: ExecutorContext['env'];
  nowMs(): number;
  logger(context: RunningAttempt): TaskLogger;
  /** Opens what the attempt prints. */
  log(attempt: RunningAttempt): AttemptLog;
  readonly secrets: Secrets;
  progress(attempt: RunningAttempt, fraction: number, message: string | undefined): void;
  heartbeat(attempt: RunningAttempt): void;
  /** Stores a recorded call durably. */
  record(
    attempt: RunningAttempt,
    call: { readonly key: string; readonly occurrence: number } & ConcealedValue,
  ): Promise<void>;
  /** Called when code of an attempt threw where nobody could catch it. `attempt` is undefined when the attempt has already ended. */
  uncaught(from: AttemptName, attempt: RunningAttempt | undefined, error: unknown): void;
}

/** The names of an attempt in a log line. */
export interface AttemptName {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly task: string;
  readonly attempt: number;
}

/** An attempt as the owner of the code that its executor and hooks start. Code may live longer than its attempt, so the link is cut then. */
class AttemptOwner implements CodeOwner, AttemptName {
  readonly treeId: TreeId;
  readonly taskId: TaskId;
  readonly task: string;
  readonly attempt: number;
  readonly #services: AttemptServices;
  #running: RunningAttempt | undefined;

  constructor(services: AttemptServices, running: RunningAttempt) {
    this.treeId = running.treeId;
    this.taskId = running.taskId;
    this.task = running.taskName;
    this.attempt = running.attempt;
    this.#services = services;
    this.#running = running;
  }

  takeUncaught(error: unknown): void {
    this.#services.uncaught(this, this.#running, error);
  }

  end(): void {
    this.#running = undefined;
  }
}

/** A running attempt. Parts that few attempts need, such as the counters of recorded keys, are made at their first use. */
export class RunningAttempt implements ExecutorContext {
  readonly attempt: number;
  readonly executor: Executor;
  readonly loadedRun: LoadedRun;
  readonly task: TaskState;
  readonly #services: AttemptServices;
  readonly #owner: AttemptOwner;
  #abort: AbortController | undefined;
  #abortReason: AbortReason | undefined;
  #occurrences: Map<string, number> | undefined;
  #random: SeededRandom | undefined;
  #logger: TaskLogger | undefined;
  #log: AttemptLog | undefined;
  #dependencies: JsonObject | undefined;
  #waiting: (() => void)[] | undefined;
  #readPartial: (() => Json) | undefined;
  #hasEnded = false;
  #isAbandoned = false;
  /** Time of the last sign of life, by the engine's clock. */
  aliveAtMs = 0;
  progressSentAtMs = -Infinity;

  constructor(
    loadedRun: LoadedRun,
    task: TaskState,
    how: { readonly executor: Executor; readonly services: AttemptServices },
  ) {
    this.loadedRun = loadedRun;
    this.task = task;
    this.attempt = task.attempt;
    this.executor = how.executor;
    this.#services = how.services;
    this.#owner = new AttemptOwner(how.services, this);
  }

  /** Calls code for the attempt: what this code starts and throws belongs to the attempt. */
  runOwned<Result>(call: (attempt: RunningAttempt) => Result): Result {
    return runOwned(this.#owner, call, this);
  }

  get treeId(): TreeId {
    return this.loadedRun.treeId;
  }

  get taskId(): TaskId {
    return this.task.id;
  }

  get run(): RunState {
    return this.loadedRun.state;
  }

  get taskName(): string {
    return this.task.definition.name;
  }

  get idempotencyKey(): string {
    return idempotencyKeyOf(this.run, this.task);
  }

  get baseDir(): string {
    return this.run.baseDir ?? this.#services.baseDir;
  }

  get orderKey(): string {
    return orderKeyOf(this.task);
  }

  get dependencies(): JsonObject {
    return (this.#dependencies ??= dependencyOutputs(this.task, this.#services.secrets));
  }

  get random(): SeededRandom {
    return (this.#random ??= createSeededRandom({
      seed: this.run.seed,
      taskId: this.taskId,
      attempt: this.attempt,
      purpose: 'executor',
    }));
  }

  get logger(): TaskLogger {
    return (this.#logger ??= this.#services.logger(this));
  }

  get signal(): AbortSignalLike {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  get env(): ExecutorContext['env'] {
    return this.#services.env;
  }

  /** These functions are getters, so that an executor may call them without the context. */
  get nowMs(): () => number {
    return () => this.#services.nowMs();
  }

  get progress(): ExecutorContext['progress'] {
    return (fraction, message) => {
      // A report never fails: half a character, which a cut text may end with, is shown as an unknown character.
      const text = message === undefined ? undefined : this.#text(String(message).toWellFormed());
      this.#services.progress(this, Math.min(Math.max(Number(fraction) || 0, 0), 1), text);
    };
  }

  get heartbeat(): () => void {
    return () => this.#services.heartbeat(this);
  }

  get stream(): ExecutorContext['stream'] {
    return (chunk, name = 'stdout') => {
      this.aliveAtMs = this.#services.nowMs();
      const piece = chunk instanceof Uint8Array ? chunk : String(chunk);
      if (!this.#hasEnded) this.log.push(name === 'stderr' ? name : 'stdout', piece);
    };
  }

  /** What the attempt prints. */
  get log(): AttemptLog {
    return (this.#log ??= this.#services.log(this));
  }

  get record(): ExecutorContext['record'] {
    return (key, fn) => this.#record(key, fn);
  }

  get partialOutput(): ExecutorContext['partialOutput'] {
    return (read) => {
      this.#readPartial = read;
    };
  }

  /** The output that the executor has produced so far, without secrets; undefined: the executor does not tell. */
  readPartialOutput(): Json | undefined {
    try {
      if (this.#readPartial === undefined) return undefined;
      return copyJson(this.#readPartial(), this.#services.secrets.redact);
    } catch (error) {
      this.logger.warn(`The partial output could not be read: ${errorText(error)}`);
      return undefined;
    }
  }

  /** Returns any value as text, without secrets. */
  #text(given: unknown): string {
    return copyJson(String(given), this.#services.secrets.redact) as string;
  }

  async #record<T extends Json>(givenKey: string, fn: () => T | Promise<T>): Promise<T> {
    const key = this.#text(givenKey);
    const occurrence = (this.#occurrences?.get(key) ?? 0) + 1;
    (this.#occurrences ??= new Map()).set(key, occurrence);
    const call = `${key}#${occurrence}`;
    const known = this.task.calls?.get(call);
    const { conceal, reveal } = this.#services.secrets;
    if (known !== undefined) return reveal(known, this.task.callSecrets?.get(call)) as T;
    const recorded = conceal(await fn());
    this.throwIfAborted();
    await this.#services.record(this, { key, occurrence, ...recorded });
    return reveal(recorded.value, recorded.secrets) as T;
  }

  /** Aborts the signal of the attempt. May be called twice. */
  abort(reason: AbortReason): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.runOwned(() => {
      this.#abort?.abort(reason);
      void this.#cancel();
    });
  }

  async #cancel(): Promise<void> {
    try {
      await this.executor.cancel?.({ treeId: this.treeId, taskId: this.taskId, attempt: this.attempt });
    } catch (error) {
      this.#cancelFailed(error);
    }
  }

  /** Resolves when the executor has returned. */
  get ended(): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    return new Promise((resolve) => (this.#waiting ??= []).push(resolve));
  }

  /** Notes that the executor has returned. */
  end(): void {
    this.#hasEnded = true;
    this.#log?.end();
    this.#owner.end();
    for (const resolve of this.#waiting ?? []) resolve();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** It was told to stop, had time for that, and still works. */
  get isAbandoned(): boolean {
    return this.#isAbandoned && !this.#hasEnded;
  }

  /** Reports that the executor has not ended although it was told to stop. Nothing that it still does counts. */
  abandon(graceMs: number): void {
    this.#isAbandoned = true;
    this.logger.warn(
      `${this.taskName} (${this.taskId}) was told to stop (${this.#abortReason?.code}) and has not ended ${graceMs} ms later, so attempt ${this.attempt} is abandoned: it holds no place, and its result changes nothing. Let executor ${this.executor.type} heed ctx.signal`,
    );
  }

  get isAborted(): boolean {
    return this.#abortReason !== undefined;
  }

  /** Throws the reason of the abort, if there was one. */
  throwIfAborted(): void {
    if (this.#abortReason !== undefined) throw this.#abortReason;
  }

  #cancelFailed(error: unknown): void {
    this.logger.warn(`cancel() of executor ${this.executor.type} failed: ${errorText(error)}`);
  }
}
