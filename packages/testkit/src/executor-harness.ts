/**
 * Runs one attempt of an executor as the engine would, without an engine: for the tests of extension authors.
 *
 *     const { status, output } = await testExecutor(executor, { inputs: { ms: 5 } });
 *     expect({ status, output }).toEqual({ status: 'completed', output: null });
 *
 * Inputs and output are checked against the executor's schemas, ports against its declaration, and the output must be JSON.
 * Inputs are frozen, so that an executor which changes them is found out. Retries, time-outs and hooks are the engine's.
 */
import {
  isOutcome,
  taskErrorFromThrown,
  TerminalError,
  type Executor,
  type Json,
  type JsonObject,
  type TaskError,
} from '@coppice/core';
import { compileValueSchema, type CheckResult, type ValueIssue } from '@coppice/engine';
import {
  createTestContext,
  type TestContextOptions,
  type TestRecords,
  type TestClock,
} from './executor-harness-context.ts';

export interface ExecutorTestOptions extends TestContextOptions {
  /** Resolved inputs, without expressions. Default `{}`. */
  readonly inputs?: JsonObject;
}

/** What the attempt ended with. `cancelled`: it threw after `abort`. */
export interface ExecutorTestResult extends TestRecords {
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** The output; null unless the attempt completed. */
  readonly output: Json;
  /** Absent: the primary one. */
  readonly port?: string;
  readonly error?: TaskError;
}

/** The attempt as it runs; await it for its result. It never rejects. */
export interface ExecutorTest extends Promise<ExecutorTestResult> {
  /** Aborts the signal, then calls the executor's `cancel`. Default reason: an Error `cancelled`. */
  abort(reason?: unknown): void;
  /** What `ctx.nowMs()` reads; it stands still until moved. */
  readonly clock: TestClock;
  /** Resolves once the condition holds; it is looked at again after each log line, progress report, heartbeat and record. */
  until(condition: (seen: TestRecords) => boolean): Promise<void>;
}

/** Starts one attempt: the executor is called before this returns, unless its schema is checked asynchronously. */
export function testExecutor(executor: Executor, options: ExecutorTestOptions = {}): ExecutorTest {
  const context = createTestContext(options);
  const result = run(executor, options, context).then(
    (completed): ExecutorTestResult => ({ status: 'completed', ...completed, ...context.records }),
    (thrown: unknown): ExecutorTestResult => ({
      status: context.ctx.signal.aborted ? 'cancelled' : 'failed',
      output: null,
      error: taskErrorFromThrown(thrown),
      ...context.records,
    }),
  );
  return Object.assign(result, {
    abort(reason: unknown = new Error('cancelled')) {
      context.abort(reason);
      const { treeId, taskId, attempt } = context.ctx;
      void executor.cancel?.({ treeId, taskId, attempt });
    },
    clock: context.clock,
    until: (condition: (seen: TestRecords) => boolean) => context.until(condition),
  });
}

async function run(
  executor: Executor,
  { inputs = {}, dependencies = {} }: ExecutorTestOptions,
  { ctx }: ReturnType<typeof createTestContext>,
): Promise<{ readonly output: Json; readonly port?: string }> {
  const resolved = { ...dependencies, ...inputs };
  const dependencyKeys = Object.keys(dependencies).filter((key) => !Object.hasOwn(inputs, key));
  const checked = checkInput(executor, resolved, dependencyKeys);
  const input = deepFreeze(structuredClone(checked instanceof Promise ? await checked : checked));
  const returned = await executor.execute(input, ctx);
  if (!isOutcome(returned)) return { output: await checkOutput(executor, returned) };
  const { output, port } = returned;
  checkPort(executor, port);
  return { output: await checkOutput(executor, output), ...(port === undefined ? {} : { port }) };
}

function checkInput(
  executor: Executor,
  input: JsonObject,
  dependencyKeys: readonly string[],
): JsonObject | Promise<JsonObject> {
  if (executor.input === undefined) return input;
  const toInput = (result: CheckResult): JsonObject => {
    if (result.ok) return result.value as JsonObject;
    throw violation('task/invalid-inputs', `Inputs of executor "${executor.type}" violate its schema`, result.issues);
  };
  const result = compileValueSchema(executor.input).check(input, { dependencyKeys });
  return result instanceof Promise ? result.then(toInput) : toInput(result);
}

async function checkOutput(executor: Executor, returned: unknown): Promise<Json> {
  const output = toJson(executor, returned);
  if (executor.output === undefined) return output;
  const result = await compileValueSchema(executor.output).check(output);
  if (result.ok) return output;
  throw violation(
    'executor/invalid-output',
    `The output of executor "${executor.type}" violates its schema`,
    result.issues,
  );
}

function toJson(executor: Executor, returned: unknown): Json {
  try {
    const json: unknown = JSON.parse(JSON.stringify(returned ?? null));
    return json as Json;
  } catch (cause) {
    throw new TerminalError(`Executor "${executor.type}" returned ${typeof returned}, which is not JSON`, {
      code: 'executor/invalid-output',
      cause,
    });
  }
}

function checkPort(executor: Executor, port: string | undefined): void {
  const { ports = [] } = executor;
  if (port === undefined || ports === 'dynamic' || ports.includes(port)) return;
  throw new TerminalError(
    `Executor "${executor.type}" answered on port "${port}", which it does not declare; declared: ${ports.join(', ') || 'none'}`,
    { code: 'executor/unknown-port' },
  );
}

function violation(code: string, message: string, issues: readonly ValueIssue[]): TerminalError {
  const text = issues.map(({ path, reason }) => (path.length === 0 ? reason : `${path.join('.')}: ${reason}`));
  return new TerminalError(`${message}: ${text.join('; ')}`, {
    code,
    data: { errors: issues.map((issue) => ({ ...issue })) },
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
