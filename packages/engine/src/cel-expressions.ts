/**
 * Expressions in CEL (https://cel.dev), by `@marcbachmann/cel-js`. JSON has one kind of number, so the arithmetic operators are
 * also defined between `int` (how CEL reads literals) and `double` (how it sees JSON numbers), and text can be joined with numbers.
 */
import { Environment } from '@marcbachmann/cel-js';
import type { ExpressionEvaluator, Json } from '@coppice/core';

type Compiled = (scope: Readonly<Record<string, unknown>>) => unknown;

/** Compiled expressions kept. A tree has few distinct ones. */
const CACHE_MAX = 2_000;

function createEnvironment(): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });
  const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [operator, apply] of Object.entries(operators)) {
    const mixed = (a: unknown, b: unknown): number => apply(Number(a), Number(b));
    environment.registerOperator(`double ${operator} int`, mixed);
    environment.registerOperator(`int ${operator} double`, mixed);
  }
  environment.registerOperator('double % double', (a: number, b: number) => a % b);
  for (const number of ['int', 'double']) {
    environment.registerOperator(`string + ${number}`, (a: unknown, b: unknown) => `${String(a)}${String(b)}`);
    environment.registerOperator(`${number} + string`, (a: unknown, b: unknown) => `${String(a)}${String(b)}`);
  }
  return environment;
}

/** An evaluator of CEL expressions. */
export function createCelExpressions(): ExpressionEvaluator {
  const environment = createEnvironment();
  const cache = new Map<string, Compiled>();
  const compile = (expression: string): Compiled => {
    let compiled = cache.get(expression);
    if (compiled === undefined) {
      compiled = environment.parse(expression) as Compiled;
      if (cache.size >= CACHE_MAX) cache.clear();
      cache.set(expression, compiled);
    }
    return compiled;
  };
  return {
    check(expression) {
      try {
        compile(expression);
        return undefined;
      } catch (error) {
        const offset = (error as { node?: { pos?: unknown } }).node?.pos;
        return { message: firstLine(error), ...(typeof offset === 'number' ? { offset } : {}) };
      }
    },
    evaluate(expression, scope) {
      try {
        return toJson(compile(expression)(scope));
      } catch (error) {
        throw new Error(firstLine(error), { cause: error });
      }
    },
  };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] as string;
}

/** CEL's own values as JSON: 64-bit integers become numbers. */
function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'bigint':
      if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER)) {
        throw new Error(`The integer ${value} is too large for JSON`);
      }
      return Number(value);
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Error(`The result is ${value}, which JSON can not carry`);
      return value;
    case 'object':
      return objectToJson(value);
    default:
      return null;
  }
}

function objectToJson(value: object | null): Json {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return value.toISOString();
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [String(key), toJson(item)]));
}
