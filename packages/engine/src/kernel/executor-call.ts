/** Calls an executor for an attempt: with its hooks, with a check of the input before, and with a check of the output after. */
import { TerminalError, type Executor, type Hook, type JsonObject, type ValueSchema } from '@coppice/core';
import { errorText } from '../error-text.ts';
import { copyJson } from '../json-copy.ts';
import type { Logger } from '../logger.ts';
import type { ExtensionRegistry } from '../registry/extension-registry.ts';
import type { CheckResult } from '../registry/value-issue.ts';
import { compileValueSchema } from '../registry/value-schema.ts';
import type { Secrets } from '../secrets.ts';
import type { RunningAttempt } from './attempt.ts';
import { toOutcome } from './outcome.ts';

export interface ExecutorCallParts {
  readonly registry: ExtensionRegistry;
  readonly secrets: Secrets;
  readonly logger: Logger;
}

/** Leaves values as they are: for the check of an output that is not stored. */
const PLAIN: Pick<Secrets, 'conceal' | 'redact'> = {
  conceal: (value) => ({ value: copyJson(value) }),
  redact: undefined,
};

export class ExecutorCall {
  readonly #parts: ExecutorCallParts;

  constructor(parts: ExecutorCallParts) {
    this.#parts = parts;
  }

  /** Returns what the executor returns: a value or a promise. Throws and rejects as the executor does. */
  readonly begin = (attempt: RunningAttempt): unknown => {
    const hooks = this.#parts.registry.listHooks();
    return hooks.length === 0 ? this.#call(attempt) : this.#callWithHooks(attempt, hooks);
  };

  /** Asks the executor to end the work of an attempt that a killed process left open. */
  readonly reclaim = async (attempt: RunningAttempt): Promise<void> => {
    try {
      await attempt.executor.reclaim?.(this.#inputOf(attempt), attempt);
    } catch (error) {
      attempt.logger.warn(`What a killed process left of the attempt may still run: ${errorText(error)}`);
    }
  };

  /** Checks the resolved input, calls the executor with a copy of it, and checks the output against the executor's schema. */
  #call(attempt: RunningAttempt): unknown {
    const { executor, task } = attempt;
    const input = this.#inputOf(attempt);
    if (executor.input === undefined) return this.#execute(attempt, input);
    const dependencyKeys = task.incoming.map((edge) => edge.dependency.ref);
    const checked = compileValueSchema(executor.input).check(input, { dependencyKeys });
    if (isThenable(checked)) return checked.then((result) => this.#execute(attempt, valid(attempt, result)));
    return this.#execute(attempt, valid(attempt, checked));
  }

  /** The resolved input, with secrets. Throws when an expression has made a value that JSON can not carry. */
  #inputOf({ task, executor }: RunningAttempt): JsonObject {
    try {
      return this.#parts.secrets.reveal(task.input ?? {}, task.inputSecrets) as JsonObject;
    } catch (cause) {
      throw new TerminalError(`The resolved input can not be given to executor ${executor.type}: ${errorText(cause)}`, {
        code: 'task/invalid-inputs',
        cause,
      });
    }
  }

  #execute(attempt: RunningAttempt, input: JsonObject): unknown {
    const { executor } = attempt;
    // Hooks and schemas take time. The attempt may have been cancelled meanwhile.
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

  /** Calls before-hooks in their order, the executor, and after-hooks in reverse order. Only a failing before-hook changes the result. */
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
          this.#parts.logger.error(
            { hook: hook.name, treeId, taskId, error: errorText(error) },
            'An afterAttempt hook failed; the result stands',
          );
        }
      }
    }
  }
}

export function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
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

/** Takes the place of an executor whose extension is not loaded. */
export function missingExecutor(type: string): Executor {
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
