import { describe, expect, it } from 'vitest';
import type { TaskSubmission } from '../task/submission.ts';
import type { RetryPolicy, RunPolicies, TaskPolicies } from '../task/task.ts';
import { DURATION_MS_MAX } from '../task/time-limits.ts';
import { linesOf, rejectionOf, validate } from './validation.fixture.ts';

const only = (more: Partial<TaskSubmission>): readonly TaskSubmission[] => [{ id: 'a', executor: 'work', ...more }];
const lines = (more: Partial<TaskSubmission>): readonly string[] => linesOf(only(more));
const isValid = (more: Partial<TaskSubmission>): boolean => validate(only(more)).ok;

describe('executor (R-TV-10)', () => {
  it('must be contributed; a near name is suggested', () => {
    expect(rejectionOf(only({ executor: 'wrok' }))).toMatchInlineSnapshot(`
      {
        "code": "executor/not-found",
        "errors": [
          {
            "actual": "wrok",
            "code": "executor/not-found",
            "expected": "work, plain, any, strict",
            "path": [
              "tasks",
              0,
              "executor",
            ],
            "reason": "Task 'a' names the executor 'wrok', which no extension contributes; did you mean 'work'?",
          },
        ],
        "message": "Task 'a' names the executor 'wrok', which no extension contributes; did you mean 'work'?",
      }
    `);
    expect(lines({ executor: 'something-else' })).toMatchInlineSnapshot(`
      [
        "executor/not-found tasks.0.executor: Task 'a' names the executor 'something-else', which no extension contributes",
      ]
    `);
    expect(lines({ executor: 'toString' })).toHaveLength(1);
  });

  it('says what it does not like about the inputs, at their path', () => {
    expect(rejectionOf(only({ executor: 'strict', inputs: { count: 'many' } }))).toMatchInlineSnapshot(`
      {
        "code": "task/invalid-inputs",
        "errors": [
          {
            "actual": "many",
            "code": "task/invalid-inputs",
            "expected": "number",
            "path": [
              "tasks",
              0,
              "inputs",
              "count",
            ],
            "reason": "Task 'a' has invalid inputs.count: must be number",
          },
        ],
        "message": "Task 'a' has invalid inputs.count: must be number",
      }
    `);
    expect(isValid({ executor: 'strict', inputs: { count: 1 } })).toBe(true);
  });

  it('tells the schema what dependencies will deliver', () => {
    const strict: TaskSubmission = { id: 's', parentId: 'root', executor: 'strict' };
    const tasks = (dependencies: TaskSubmission['dependencies']): readonly TaskSubmission[] => [
      { id: 'root' },
      { id: 'a', parentId: 'root', executor: 'work' },
      { ...strict, dependencies },
    ];
    expect(validate(tasks([{ task: 'a', into: 'count' }])).ok).toBe(true);
    expect(linesOf(tasks(['a']))).toMatchInlineSnapshot(`
      [
        "task/invalid-inputs tasks.2.inputs.count: Task 's' has invalid inputs.count: is missing",
      ]
    `);
  });
});

describe('expressions in inputs and keys', () => {
  it('are checked wherever they are', () => {
    expect(
      lines({
        inputs: { list: [{ text: 'x ${{ !! }} y ${{ vars }} ${{ }}' }], open: 'a ${{ b' },
        policies: { idempotencyKey: 'k-${{ !! }}' },
      }),
    ).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.0.inputs.list.0.text: Task 'a' has a malformed expression at offset 0: unexpected token",
        "tree/invalid tasks.0.inputs.list.0.text: Task 'a' has a malformed expression: it is empty",
        "tree/invalid tasks.0.inputs.open: Task 'a' has '\${{' at offset 2 without its '}}'",
        "tree/invalid tasks.0.policies.idempotencyKey: Task 'a' has a malformed expression at offset 0: unexpected token",
      ]
    `);
    expect(lines({ policies: { idempotencyKey: '' } })).toHaveLength(1);
    expect(isValid({ inputs: { text: '${{ {"a": {"b": "}}"}} }}', price: '$5 {{ not ours }}' } })).toBe(true);
  });

  it('read only the dependencies that the task has', () => {
    const tasks = (text: string): readonly TaskSubmission[] => [
      { id: 'root' },
      { id: 'fetch-it', parentId: 'root', executor: 'work' },
      { id: 'load', parentId: 'root', executor: 'work' },
      {
        id: 'x',
        parentId: 'root',
        executor: 'work',
        dependencies: ['fetch-it', { task: 'load', into: 'rows' }],
        inputs: { text },
      },
    ];
    const reading = '${{ deps["fetch-it"].a + deps.load[0] + "deps.not" + vars.deps.other }}';
    expect(validate(tasks(reading), { variables: { deps: 1 } }).ok).toBe(true);
    expect(linesOf(tasks("${{ deps.laod }} ${{ deps['root'] }}"))).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.3.inputs.text: Task 'x' reads deps.laod, but 'laod' is not one of its dependencies; did you mean 'load'?",
        "tree/invalid tasks.3.inputs.text: Task 'x' reads deps.root, but 'root' is not one of its dependencies",
      ]
    `);
  });

  it('are found in inputs 20,000 levels deep', () => {
    let inputs: TaskSubmission['inputs'] = { text: '${{ !! }}' };
    for (let depth = 0; depth < 20_000; depth++) inputs = { inputs };
    expect(rejectionOf(only({ inputs })).errors).toHaveLength(1);
  });
});

describe('plain fields', () => {
  it('has a priority from 0 to 3', () => {
    for (const priority of [0, 1, 2, 3]) expect(isValid({ priority })).toBe(true);
    for (const priority of [-1, 4, 1.5, NaN]) expect(isValid({ priority })).toBe(false);
    expect(lines({ priority: 4 })).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.0.priority: Task 'a' has priority 4, which must be a whole number from 0 to 3",
      ]
    `);
  });

  it('has a notBefore with a zone, on a day that exists (R-SC-13)', () => {
    const accepts = (notBefore: string): boolean => isValid({ notBefore });
    expect(['2026-11-20T08:00Z', '2028-02-29T23:59:59.123+05:30'].every(accepts)).toBe(true);
    const bad = [
      '',
      'soon',
      '2026-11-20',
      '2026-11-20T08:00:00',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-11-20T25:00:00Z',
    ];
    expect(bad.filter(accepts)).toEqual([]);
  });

  it('has a port with a name', () => {
    expect(lines({ port: '' })).toHaveLength(1);
  });
});

describe('retry policy (R-RT-01 to R-RT-04, R-RT-08)', () => {
  const accepts = (retry: RetryPolicy): boolean => isValid({ policies: { retry } });

  it('takes values inside the ranges', () => {
    const good: readonly RetryPolicy[] = [
      {},
      { maxAttempts: 1 },
      { maxAttempts: 10, delayMs: 0, maxDelayMs: 0, multiplier: 0.5 },
      { delayMs: 500, maxDelayMs: 500 },
      { maxDelayMs: 500 },
      { strategy: 'custom', backoff: 'fibonacci' },
      { allow: ['http/*'], deny: ['*'], maxElapsedMs: 1 },
    ];
    expect(good.filter((retry) => !accepts(retry))).toEqual([]);
  });

  it('refuses values outside them', () => {
    const bad: readonly RetryPolicy[] = [
      { maxAttempts: 0 },
      { maxAttempts: 11 },
      { maxAttempts: 2.5 },
      { delayMs: -1 },
      { delayMs: Infinity },
      { maxDelayMs: -1 },
      { delayMs: 500, maxDelayMs: 499 },
      { multiplier: 0 },
      { maxElapsedMs: 0 },
      { strategy: 'custom' },
      { strategy: 'custom', backoff: 'fibonaci' },
      { strategy: 'fixed', backoff: 'fibonacci' },
      { allow: [''] },
      { deny: ['x', ''] },
    ];
    expect(bad.filter(accepts)).toEqual([]);
    expect(bad.flatMap((retry) => lines({ policies: { retry } }))).toMatchInlineSnapshot(`
      [
        "tree/invalid tasks.0.policies.retry.maxAttempts: Task 'a' has maxAttempts 0, which must be a whole number from 1 to 10",
        "tree/invalid tasks.0.policies.retry.maxAttempts: Task 'a' has maxAttempts 11, which must be a whole number from 1 to 10",
        "tree/invalid tasks.0.policies.retry.maxAttempts: Task 'a' has maxAttempts 2.5, which must be a whole number from 1 to 10",
        "tree/invalid tasks.0.policies.retry.delayMs: Task 'a' has delayMs -1, which must be a number from 0 to 3155760000000",
        "tree/invalid tasks.0.policies.retry.delayMs: Task 'a' has delayMs Infinity, which must be a number from 0 to 3155760000000",
        "tree/invalid tasks.0.policies.retry.maxDelayMs: Task 'a' has maxDelayMs -1, which must be a number from 0 to 3155760000000",
        "tree/invalid tasks.0.policies.retry.maxDelayMs: Task 'a' caps delays at 499 ms, below its own delayMs of 500",
        "tree/invalid tasks.0.policies.retry.multiplier: Task 'a' has multiplier 0, which must be a number above 0",
        "tree/invalid tasks.0.policies.retry.maxElapsedMs: Task 'a' has maxElapsedMs 0, which must be a number above 0, at most 3155760000000",
        "tree/invalid tasks.0.policies.retry.backoff: Task 'a' has the retry strategy 'custom' but names no backoff",
        "tree/invalid tasks.0.policies.retry.backoff: Task 'a' names the unknown backoff 'fibonaci'; did you mean 'fibonacci'?",
        "tree/invalid tasks.0.policies.retry.backoff: Task 'a' names the backoff 'fibonacci', which only the strategy 'custom' uses",
        "tree/invalid tasks.0.policies.retry.allow.0: Task 'a' has an empty pattern in allow; use '*' for every error code",
        "tree/invalid tasks.0.policies.retry.deny.1: Task 'a' has an empty pattern in deny; use '*' for every error code",
      ]
    `);
  });
});

describe('limits of tasks and runs', () => {
  it('are positive; 0 switches a task limit off', () => {
    const task = (policies: TaskPolicies): boolean => isValid({ policies });
    expect(task({ timeoutMs: 0 }) && task({ timeoutMs: 1, heartbeatTimeoutMs: 1 })).toBe(true);
    expect(task({ timeoutMs: -1 }) || task({ heartbeatTimeoutMs: 0 })).toBe(false);
    const run = (policies: RunPolicies): boolean => validate(only({}), { policies }).ok;
    expect(run({ concurrency: 0, retryBudget: 0, timeoutMs: 1, runTimeoutMs: 1, retry: {} })).toBe(true);
    const bad: readonly RunPolicies[] = [
      { concurrency: -1 },
      { concurrency: 1.5 },
      { retryBudget: -1 },
      { timeoutMs: 0 },
      { runTimeoutMs: 0 },
      { retry: { maxAttempts: 0 } },
    ];
    expect(bad.filter(run)).toEqual([]);
    const tooLong = [DURATION_MS_MAX + 1, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Infinity, NaN];
    const durations = (ms: number): RunPolicies[] => [
      { timeoutMs: ms },
      { runTimeoutMs: ms },
      { retry: { delayMs: ms } },
      { retry: { maxDelayMs: ms } },
      { retry: { maxElapsedMs: ms } },
    ];
    expect(tooLong.flatMap(durations).filter(run)).toEqual([]);
    expect(durations(DURATION_MS_MAX).filter(run)).toHaveLength(5);
    expect(tooLong.filter((ms) => task({ timeoutMs: ms }) || task({ heartbeatTimeoutMs: ms }))).toEqual([]);
    const notBefore = (text: string): boolean => isValid({ notBefore: text });
    expect(notBefore('1970-01-01T00:00:00Z') && notBefore('9999-12-31T23:59:59.999Z')).toBe(true);
    expect(notBefore('9999-12-31T23:59:59-01:00') || notBefore('0000-01-01T00:00:00+14:00')).toBe(false);
    expect(linesOf(only({}), { policies: { concurrency: -1 } })).toEqual([
      'tree/invalid policies.concurrency: The tree has concurrency -1, which must be a whole number of at least 0',
    ]);
  });
});
