/** A fault of an expression, and its place. */
import type { ASTNode } from '@marcbachmann/cel-js';

/** Most characters of an expression that a message shows. */
const SHOWN_MAX = 80;

export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** Offset in the expression; undefined: the fault has no place. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

/** Source text of a node. */
export function sourceOf(node: ASTNode): string {
  const text = node.input.slice(node.range.start, node.range.end);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** Describes a value, for example: `` `output.n` is missing ``. */
export function saying(node: ASTNode, value: unknown): string {
  return `\`${sourceOf(node)}\` is ${nameOf(value)}`;
}

/** Words for the kind of a value. */
export function nameOf(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      return 'text';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return `${value}`;
    default:
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a timestamp';
  return isMap(value) ? 'a map' : 'of another type';
}

/** True for a map: an object of JSON, or one that an expression made. Other objects of CEL (duration, bytes, …) have other classes. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
