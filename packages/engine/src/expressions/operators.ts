/** Operators: arithmetic, order, membership, and reading from maps and lists. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { libraryApply } from './cel-library.ts';
import { ExpressionError, isMap, nameOf, saying, sourceOf } from './expression-error.ts';
import type { Meter } from './meter.ts';
import { isEqual, isNumber, order } from './values.ts';

/** Two operands: their values and where they are written. */
export interface Operands {
  readonly left: unknown;
  readonly right: unknown;
  readonly nodes: readonly [ASTNode, ASTNode];
  readonly meter: Meter;
}

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';

export function applyBinary(operator: BinaryOperator, operands: Operands): unknown {
  const { left, right, meter } = operands;
  switch (operator) {
    case '==':
      return isEqual(left, right, meter);
    case '!=':
      return !isEqual(left, right, meter);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isInOrder(operator, operands);
    case 'in':
      return isIn(operands);
    case '+':
      return add(operands);
    default:
      return arithmetic(operator, operands);
  }
}

/** Comparing anything with null is false (R-RO-03). */
function isInOrder(operator: '<' | '<=' | '>' | '>=', operands: Operands): boolean {
  const { left, right, meter } = operands;
  if (typeof left === 'string') meter.scan(left.length);
  const compared = order(left, right);
  if (compared === false) return noFit(operator, operands);
  if (compared === undefined) return false;
  switch (operator) {
    case '<':
      return compared < 0;
    case '<=':
      return compared <= 0;
    case '>':
      return compared > 0;
    case '>=':
      return compared >= 0;
  }
}

function isIn(operands: Operands): boolean {
  const { left, right, meter } = operands;
  if (Array.isArray(right)) return right.some((item) => isEqual(left, item, meter));
  if (isMap(right) && isKey(left)) return Object.hasOwn(right, String(left));
  return noFit('in', operands);
}

/** True for a value that can be a key of a map. Keys of JSON are texts, so numbers and truth values become texts. */
export function isKey(value: unknown): value is string | number | bigint | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value);
}

function add(operands: Operands): unknown {
  const { left, right, meter } = operands;
  const isText = typeof left === 'string' || typeof right === 'string';
  if (isText && (typeof left === 'string' || isNumber(left)) && (typeof right === 'string' || isNumber(right))) {
    const text = String(left);
    const more = String(right);
    meter.produce(text.length + more.length);
    return text + more;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    meter.produceItems(left.length + right.length);
    meter.steps(left.length + right.length);
    return [...(left as readonly unknown[]), ...(right as readonly unknown[])];
  }
  return arithmetic('+', operands);
}

type Arithmetic = '+' | '-' | '*' | '/' | '%';

const ON_NUMBERS: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const ON_INTEGERS: Readonly<Record<Arithmetic, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const INTEGER_MAX = 2n ** 63n - 1n;

function integer(value: bigint, node: ASTNode): bigint {
  if (value <= INTEGER_MAX && value >= -INTEGER_MAX - 1n) return value;
  throw new ExpressionError(`the integer ${value} has more than 64 bits`, node.pos);
}

/** Arithmetic. Whole numbers in an expression are 64-bit integers; together with numbers of JSON they become numbers of JSON. */
function arithmetic(operator: Arithmetic, operands: Operands): unknown {
  const { left, right, nodes, meter } = operands;
  if (!isNumber(left) || !isNumber(right)) {
    if (!isTime(left) || !isTime(right)) return noFit(operator, operands);
    return libraryApply(`a ${operator} b`)([left, right], meter);
  }
  // eslint-disable-next-line eqeqeq -- A bigint never equals a number strictly.
  if ((operator === '/' || operator === '%') && right == 0)
    throw new ExpressionError(`division by \`${sourceOf(nodes[1])}\`, which is zero`, nodes[1].pos);
  if (typeof left === 'bigint' && typeof right === 'bigint')
    return integer(ON_INTEGERS[operator](left, right), nodes[0]);
  return ON_NUMBERS[operator](Number(left), Number(right));
}

/** Timestamps, durations, bytes: the library's. */
function isTime(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isMap(value);
}

function noFit(operator: string, { left, right, nodes }: Operands): never {
  throw new ExpressionError(
    `'${operator}' does not fit: ${saying(nodes[0], left)} and ${saying(nodes[1], right)}`,
    nodes[0].pos,
  );
}

/** Reads a property or an item; undefined when it is missing, or when `from` is null (R-RO-03). */
export function read(from: unknown, key: unknown, node: ASTNode): unknown {
  if ((from ?? null) === null) return undefined;
  if (Array.isArray(from)) {
    if (isNumber(key)) return Number.isInteger(Number(key)) ? (from as readonly unknown[])[Number(key)] : undefined;
    throw new ExpressionError(`${saying(node, from)}, which has items by number and no '${String(key)}'`, node.pos);
  }
  if (!isMap(from))
    throw new ExpressionError(`${saying(node, from)}, which has no property '${nameOfKey(key)}'`, node.pos);
  if (!isKey(key)) throw new ExpressionError(`a key of \`${sourceOf(node)}\` is ${nameOf(key)}`, node.pos);
  const name = String(key);
  return Object.hasOwn(from, name) ? from[name] : undefined;
}

function nameOfKey(key: unknown): string {
  return isKey(key) ? String(key) : nameOf(key);
}
