import { describe, expect, expectTypeOf, it } from 'vitest';
import { ERROR_CODES, ERRORS, errorNumber, findErrorCode, METHOD_NAMES, methods, violationsOf } from './index.ts';
import type { MethodSpec, Params, ParsedParams, Result } from './index.ts';

describe('method table', () => {
  it.each(METHOD_NAMES)('%s has an example that its schemas accept', (name) => {
    const spec: MethodSpec = methods[name];
    const params = spec.params.safeParse(spec.example.params);
    const result = spec.result.safeParse(spec.example.result);
    expect(params.error?.issues).toBeUndefined();
    expect(result.error?.issues).toBeUndefined();
  });

  it('gives types by method name', () => {
    expectTypeOf<Params<'tasks.get'>>().toEqualTypeOf<{ taskId: string; inside?: boolean | undefined }>();
    expectTypeOf<Result<'tasks.delete'>>().toEqualTypeOf<{ deleted: number }>();
    expectTypeOf<Params<'tasks.events'>['limit']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<ParsedParams<'tasks.events'>['limit']>().toEqualTypeOf<number>();
    expectTypeOf<Result<'tasks.get'>['status']>().toEqualTypeOf<
      'pending' | 'ready' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled'
    >();
  });

  it('maps codes and numbers one to one (R-ER-01)', () => {
    expect(new Set(ERROR_CODES.map(errorNumber)).size).toBe(ERROR_CODES.length);
    for (const code of ERROR_CODES) expect(findErrorCode(errorNumber(code))).toBe(code);
    expect(Object.fromEntries(ERROR_CODES.map((code) => [ERRORS[code].number, code]))).toMatchInlineSnapshot(`
      {
        "-32001": "task/not-found",
        "-32002": "tree/cycle",
        "-32003": "executor/not-found",
        "-32004": "auth/unauthorized",
        "-32005": "task/invalid-inputs",
        "-32006": "task/invalid-transition",
        "-32007": "task/dependencies-unsatisfied",
        "-32008": "run/already-running",
        "-32009": "task/cannot-delete",
        "-32010": "tree/invalid-parent",
        "-32011": "tree/invalid-dependency",
        "-32012": "tree/invalid",
        "-32013": "limit/refused",
        "-32014": "replay/mismatch",
        "-32015": "storage/unreadable",
        "-32600": "rpc/invalid-request",
        "-32601": "rpc/unknown-method",
        "-32602": "rpc/invalid-params",
        "-32603": "rpc/internal",
        "-32700": "rpc/parse",
      }
    `);
  });
});

describe('violations (R-SE-01)', () => {
  function violations(name: 'tasks.create' | 'tasks.execute' | 'tasks.cancel' | 'tasks.events', value: unknown) {
    const spec: MethodSpec = methods[name];
    const parsed = spec.params.safeParse(value);
    return parsed.success ? [] : violationsOf(parsed.error, value);
  }

  it('lists all of them at once, with path, reason, expected and actual', () => {
    expect(
      violations('tasks.create', {
        tasks: [
          { name: 1, exectuor: 'command' },
          { name: 'b', dependencies: [7, { task: 'a', on: ['sucess'], requierd: true }], join: 'most' },
        ],
        input: {},
      }),
    ).toMatchInlineSnapshot(`
      [
        {
          "actual": 1,
          "expected": "string",
          "path": [
            "tasks",
            0,
            "name",
          ],
          "reason": "expected string, got number",
        },
        {
          "path": [
            "tasks",
            0,
            "exectuor",
          ],
          "reason": "unknown field "exectuor": did you mean "executor"?",
        },
        {
          "actual": 7,
          "expected": "string or object",
          "path": [
            "tasks",
            1,
            "dependencies",
            0,
          ],
          "reason": "expected string or object",
        },
        {
          "actual": "sucess",
          "expected": "success, failure, skipped",
          "path": [
            "tasks",
            1,
            "dependencies",
            1,
            "on",
            0,
          ],
          "reason": "expected one of success, failure, skipped",
        },
        {
          "path": [
            "tasks",
            1,
            "dependencies",
            1,
            "requierd",
          ],
          "reason": "unknown field "requierd": did you mean "required"?",
        },
        {
          "actual": "most",
          "expected": "all, any, settled",
          "path": [
            "tasks",
            1,
            "join",
          ],
          "reason": "expected one of all, any, settled",
        },
        {
          "path": [
            "input",
          ],
          "reason": "unknown field "input": did you mean "inputs"?",
        },
      ]
    `);
  });

  it('of a request with alternatives are those of the nearest one', () => {
    expect(violations('tasks.execute', { taskid: 'a' })).toMatchInlineSnapshot(`
      [
        {
          "expected": "string",
          "path": [
            "taskId",
          ],
          "reason": "required: string",
        },
        {
          "path": [
            "taskid",
          ],
          "reason": "unknown field "taskid": did you mean "taskId"?",
        },
      ]
    `);
    expect(violations('tasks.execute', { tasks: [{ name: 1 }, { name: 2 }] })).toMatchInlineSnapshot(`
      [
        {
          "actual": 1,
          "expected": "string",
          "path": [
            "tasks",
            0,
            "name",
          ],
          "reason": "expected string, got number",
        },
        {
          "actual": 2,
          "expected": "string",
          "path": [
            "tasks",
            1,
            "name",
          ],
          "reason": "expected string, got number",
        },
      ]
    `);
    expect(violations('tasks.cancel', [])).toMatchInlineSnapshot(`
      [
        {
          "expected": "object",
          "path": [],
          "reason": "expected object",
        },
      ]
    `);
  });

  it('name missing fields and ranges', () => {
    expect(violations('tasks.events', { limit: 0, afterSeq: 1.5 })).toMatchInlineSnapshot(`
      [
        {
          "expected": "string",
          "path": [
            "treeId",
          ],
          "reason": "required: string",
        },
        {
          "actual": 1.5,
          "expected": "integer",
          "path": [
            "afterSeq",
          ],
          "reason": "expected integer, got number",
        },
        {
          "actual": 0,
          "expected": "at least 1",
          "path": [
            "limit",
          ],
          "reason": "expected at least 1",
        },
      ]
    `);
    expect(violations('tasks.events', undefined)).toMatchInlineSnapshot(`
      [
        {
          "expected": "object",
          "path": [],
          "reason": "required: object",
        },
      ]
    `);
  });

  it('accept any JSON where JSON is expected, and refuse its absence', () => {
    expect(violations('tasks.create', { tasks: [{ name: 'a', inputs: { deep: [null, { x: 1 }] } }] })).toEqual([]);
    expect(violations('tasks.create', { tasks: [{ name: 'a', inputs: [] }] })).toMatchInlineSnapshot(`
      [
        {
          "expected": "object",
          "path": [
            "tasks",
            0,
            "inputs",
          ],
          "reason": "expected object, got array",
        },
      ]
    `);
  });
});
