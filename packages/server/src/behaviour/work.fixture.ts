/** The executor `work`, whose attempts do what a test says, when it says so. */
import { EventEmitter, once } from 'node:events';
import type { Executor, ExecutorContext, JsonObject } from '@coppice/core';

/** An attempt in the executor's hands. */
export interface OpenAttempt {
  readonly name: string;
  readonly attempt: number;
  readonly input: JsonObject;
  readonly ctx: ExecutorContext;
  /** The abort reason, as soon as the signal has fired. */
  readonly aborted: Promise<{ readonly code: string; readonly message: string }>;
  complete(output?: unknown): void;
  fail(error: unknown): void;
}

/** What attempts of a task do; absent: they are held until the test ends them. */
export type Behaviour = (held: OpenAttempt) => unknown;

export class Work {
  /** `name/attempt` of every call, in order. */
  readonly starts: string[] = [];
  running = 0;
  runningMax = 0;
  readonly #held = new Map<string, OpenAttempt>();
  readonly #all: OpenAttempt[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #called = new EventEmitter().setMaxListeners(0);
  #default: Behaviour | undefined;

  /** What attempts of the named task do; without a name, of all tasks that have none of their own. */
  on(name: string | undefined, behaviour: Behaviour): this {
    if (name === undefined) this.#default = behaviour;
    else this.#behaviours.set(name, behaviour);
    return this;
  }

  executor(more: Partial<Executor> = {}): Executor {
    return {
      type: 'work',
      description: 'Does what the test says.',
      effects: 'external',
      execute: (input, ctx) => this.#execute(input, ctx),
      ...more,
    };
  }

  /** The attempt, once its executor has been called. */
  async started(name: string, attempt = 1): Promise<OpenAttempt> {
    const key = `${name}/${attempt}`;
    if (!this.#held.has(key)) await once(this.#called, key);
    return this.#held.get(key) as OpenAttempt;
  }

  /** Lets go of everything that is held. */
  abandon(): void {
    this.on(undefined, () => null);
    for (const held of this.#all) held.fail(new Error('abandoned by the test'));
  }

  #execute(input: JsonObject, ctx: ExecutorContext): unknown {
    const key = `${ctx.taskName}/${ctx.attempt}`;
    let resolve: (output: unknown) => void = () => {};
    let reject: (error: unknown) => void = () => {};
    const promise = new Promise<unknown>((...settle) => ([resolve, reject] = settle));
    const held: OpenAttempt = {
      name: ctx.taskName,
      attempt: ctx.attempt,
      input,
      ctx,
      aborted: abortOf(ctx),
      complete: (output = null) => resolve(output),
      fail: reject,
    };
    this.starts.push(key);
    this.running++;
    this.runningMax = Math.max(this.runningMax, this.running);
    this.#held.set(key, held);
    this.#all.push(held);
    this.#called.emit(key);
    const behaviour = this.#behaviours.get(ctx.taskName) ?? this.#default;
    if (behaviour !== undefined) void (async () => behaviour(held))().then(resolve, reject);
    return promise.finally(() => this.running--);
  }
}

function abortOf({ signal }: ExecutorContext): OpenAttempt['aborted'] {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason as { code: string; message: string }), { once: true });
  });
}
